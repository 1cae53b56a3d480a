import type { Request, RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import type { Role, User } from '../../model/user.ts'
import type { HttpOptions } from '../options.ts'
import { readParams } from '../params.ts'
import { hasRole, mayRead } from '../permissions.ts'
import { problemReply } from '../problems.ts'
import { seeOther, sendReply, type Reply } from '../reply.ts'
import { ForbiddenPage } from './forbidden-page.tsx'
import { formOf, type Form } from './form.ts'
import { html } from './html-reply.ts'
import type { Frame } from './layout.tsx'
import { LoginPage } from './login-page.tsx'
import { NotFoundPage } from './not-found-page.tsx'
import type { RepeatRequest } from './repeat-request.ts'
import { sentSession } from './session-cookie.ts'
import type { Said, Sessions } from './sessions.ts'

export interface WebContext {
  readonly options: HttpOptions
  readonly sessions: Sessions
  /** Asks once more what a recorded trigger request asked. */
  readonly repeat: RepeatRequest
}

/** Somebody who is logged in, with what the browser sent. */
export interface Visit {
  readonly request: Request
  readonly user: User
  /** The session's secret. */
  readonly session: string
  readonly query: Form
  /** The body; empty for GET. */
  readonly form: Form
  /** What every page of this visit has in common. */
  readonly frame: Frame
}

export interface ProjectVisit extends Visit {
  readonly project: Project
  may(least: Role): boolean
  /** The number in the path; NaN, which nothing has, for what is none. */
  readonly id: number
}

/** After a form: a page to go to, and what it is to say. */
export interface Outcome {
  readonly to: string
  readonly said: Said
}

type Answer = Reply | Outcome | undefined

/** A page for whoever is logged in; others are told how to. Undefined: there is no such page. */
export function pageRoute(
  context: WebContext,
  answer: (visit: Visit) => Answer | Promise<Answer>,
): RequestHandler {
  const { options, sessions } = context
  return async (request, response) => {
    const session = sentSession(request, options.externalUrl())
    const userId = session === undefined ? undefined : sessions.userOf(session)
    const user = userId === undefined ? undefined : options.store.users.find(userId)
    if (session === undefined || !user || user.blocked) {
      const target = request.method === 'GET' ? request.originalUrl : '/'
      return sendReply(request, response, loginPage(target, null))
    }
    const sent = await readParams(request, new Map(), options.limits)
    if (!sent.ok) return sendReply(request, response, problemReply(sent.error))
    const query = formOf(sent.value.query)
    const name = query.text('said')
    const said = name === undefined ? undefined : sessions.hear(session, name)
    const visit = {
      request,
      user,
      session,
      query,
      form: formOf(sent.value.body),
      frame: { user, said: said ?? null, project: null },
    }
    const reply = replyTo(context, session, await answer(visit))
    sendReply(request, response, said?.secret === undefined ? reply : unstored(reply))
  }
}

/** A page with a token on it is kept nowhere. */
function unstored(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, 'Cache-Control': 'no-store' } }
}

function replyTo({ sessions }: WebContext, session: string, answer: Answer): Reply {
  if (answer === undefined) return notFoundPage()
  if ('status' in answer) return answer
  const { to, said } = answer
  const [path = '', fragment] = to.split('#')
  const mark = path.includes('?') ? '&' : '?'
  const target = `${path}${mark}said=${sessions.say(session, said)}`
  const ascii = target.replace(/[^\x21-\x7e]+/gu, encodeURIComponent)
  return seeOther(ascii + (fragment === undefined ? '' : `#${fragment}`), {
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  })
}

/** A page below a project; a project that the user may not read has no pages. `least`: who else may see it. */
export function projectRoute(
  context: WebContext,
  answer: (visit: ProjectVisit) => Answer | Promise<Answer>,
  least: Role = 'developer',
): RequestHandler {
  const { store, projects } = context.options
  return pageRoute(context, (visit) => {
    const { project: segments, id } = visit.request.params
    const project = projects.find(Array.isArray(segments) ? segments.join('/') : (segments ?? ''))
    if (!project || (id !== undefined && !(typeof id === 'string' && /^\d{1,15}$/.test(id)))) return undefined
    if (!mayRead(store, visit.user.id, project.id)) return undefined
    const may = (role: Role): boolean => hasRole(store, visit.user.id, project.id, role)
    const frame = { ...visit.frame, project: { name: project.name, maintains: may('maintainer') } }
    if (!may(least)) return html(403, { page: <ForbiddenPage frame={frame} least={least} />, nonce: null })
    return answer({ ...visit, frame, project, may, id: id === undefined ? Number.NaN : Number(id) })
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

export const done = (to: string, text: string): Outcome => ({ to, said: { kind: 'done', text } })
export const failed = (to: string, text: string): Outcome => ({ to, said: { kind: 'problem', text } })
