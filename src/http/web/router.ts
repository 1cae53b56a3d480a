import { Router } from 'express'
import type { HttpOptions } from '../options.ts'
import { originCheck } from '../origin-check.ts'
import { sendReply } from '../reply.ts'
import { SCRIPT, SCRIPT_PATH } from './live-script.ts'
import { makeLoginLink } from './login-links.ts'
import { logInByToken, logOut, openLoginLink } from './login.ts'
import { mountJobs, mountPipelines } from './mount-pipelines.ts'
import { mountProject } from './mount-project.ts'
import { pageRoute } from './page-route.tsx'
import { TOKENS_PATH } from './paths.ts'
import { projectPage } from './pipelines.tsx'
import type { RepeatRequest } from './repeat-request.ts'
import type { Sessions } from './sessions.ts'
import { startPage } from './start.tsx'
import { startEvents } from './streams.ts'
import { STYLE, STYLE_PATH } from './style.ts'
import { createToken, revokeToken, tokensPage } from './tokens.tsx'

/** The pages. Everything but style, script and the ways to log in needs a session; whatever changes something is a POST. */
export function webRouter(options: HttpOptions, sessions: Sessions, repeat: RepeatRequest): Router {
  const context = { options, sessions, repeat }
  const router = Router({ caseSensitive: true })
  mountAsset(router, STYLE_PATH, 'text/css; charset=utf-8', STYLE)
  mountAsset(router, SCRIPT_PATH, 'text/javascript; charset=utf-8', SCRIPT)
  router.use(originCheck)
  router.get('/login/:secret', openLoginLink(context))
  router.post('/login', logInByToken(context))
  router.post('/logout', logOut(context))
  router.post('/-/login_links', makeLoginLink(context))
  router.get('/', startPage(context))
  router.get('/-/events', startEvents(context))
  router.get(TOKENS_PATH, tokensPage(context))
  router.post(TOKENS_PATH, createToken(context))
  router.post(`${TOKENS_PATH}/:id/revoke`, revokeToken(context))
  mountPipelines(router, context)
  mountJobs(router, context)
  mountProject(router, context)
  router.get('/*project', projectPage(context))
  router.use(pageRoute(context, () => undefined))
  return router
}

function mountAsset(router: Router, path: string, type: string, text: string): void {
  router.get(path, (request, response) => {
    const headers = { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' }
    sendReply(request, response, { status: 200, headers, body: text })
  })
}
