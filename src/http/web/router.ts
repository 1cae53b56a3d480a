import { Router } from 'express'
import type { HttpOptions } from '../options.ts'
import { originCheck } from '../origin-check.ts'
import { sendReply } from '../reply.ts'
import { logInByToken, openLoginLink } from './login.ts'
import { pageRoute } from './page-route.tsx'
import { jobPage, pipelinePage, rawTrace, startPage } from './pages.tsx'
import type { Sessions } from './sessions.ts'
import { STYLE, STYLE_PATH } from './style.ts'

/** The pages. Everything but the style sheet and the ways to log in needs a session. */
export function webRouter(options: HttpOptions, sessions: Sessions): Router {
  const context = { options, sessions }
  const router = Router({ caseSensitive: true })
  router.get(STYLE_PATH, (request, response) => {
    const headers = {
      'Content-Type': 'text/css; charset=utf-8',
      'Cache-Control': 'public, max-age=31536000, immutable',
    }
    sendReply(request, response, { status: 200, headers, body: STYLE })
  })
  router.use(originCheck)
  router.get('/login/:secret', openLoginLink(context))
  router.post('/login', logInByToken(context))
  router.get('/', startPage(context))
  router.get('/*project/-/pipelines/:id', pipelinePage(context))
  router.get('/*project/-/jobs/:id', jobPage(context))
  router.get('/*project/-/jobs/:id/raw', rawTrace(context))
  router.use(pageRoute(context, () => undefined))
  return router
}
