import type { Request, RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import type { HttpOptions } from '../options.ts'
import { mayRead } from '../permissions.ts'
import { sendReply, type Reply } from '../reply.ts'
import { html } from './html-reply.ts'
import { LoginPage } from './login-page.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import { sentSession } from './session-cookie.ts'
import type { Sessions } from './sessions.ts'

export interface WebContext {
  readonly options: HttpOptions
  readonly sessions: Sessions
}

/** A page for whoever is logged in; others are told how to. Undefined: there is no such page. */
export function pageRoute(
  context: WebContext,
  answer: (request: Request, userId: number) => Reply | undefined | Promise<Reply | undefined>,
): RequestHandler {
  return async (request, response) => {
    const secret = sentSession(request, context.options.externalUrl())
    const userId = secret === undefined ? undefined : context.sessions.userOf(secret)
    const reply = userId === undefined ? loginPage(request.originalUrl, null) : await answer(request, userId)
    sendReply(request, response, reply ?? notFoundPage())
  }
}

/** A page below a project; a project that the user may not read has no pages. */
export function projectPageRoute(
  context: WebContext,
  answer: (project: Project, id: number, userId: number) => Reply | undefined | Promise<Reply | undefined>,
): RequestHandler {
  return pageRoute(context, (request, userId) => {
    const { project: segments, id } = request.params
    const project = context.options.projects.find(
      Array.isArray(segments) ? segments.join('/') : (segments ?? ''),
    )
    if (!project || typeof id !== 'string' || !/^\d{1,15}$/.test(id)) return undefined
    return mayRead(context.options.store, userId, project.id)
      ? answer(project, Number(id), userId)
      : undefined
  })
}

export function loginPage(target: string, problem: string | null): Reply {
  // With `no-referrer` a browser that knows no Sec-Fetch-Site would send the form as if it came from nowhere.
  const headers = { 'Referrer-Policy': 'same-origin' }
  return html(401, { page: <LoginPage target={target} problem={problem} />, nonce: null }, headers)
}

export function notFoundPage(): Reply {
  return html(404, { page: <NotFoundPage />, nonce: null })
}
