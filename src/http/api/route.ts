import type { Request, RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import type { User } from '../../model/user.ts'
import { err, type Result } from '../../shared/result.ts'
import type { ParamMap, RequestValue } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import { pathParams, readParams } from '../params.ts'
import { mayRead } from '../permissions.ts'
import { problemReply, type Problem } from '../problems.ts'
import { sendReply, type Reply } from '../reply.ts'
import { authenticate } from './authenticate.ts'
import { hasFormatSuffix } from './format-suffix.ts'
import { paramReader, type ParamReader } from './param-reader.ts'

/** What a handler answers. */
export type Answer = Result<Reply, Problem>

/** A request of a known user whose parameters have been read. */
export interface Visit<T> {
  readonly user: User
  /** As declared and coerced. */
  readonly params: T
  /** All that were sent, in order: what a `Link` repeats. */
  readonly sent: ParamMap
  /** The path, its escapes as they were sent. */
  readonly path: string
}

export interface ProjectVisit<T> extends Visit<T> {
  readonly project: Project
}

/** A route that needs a user: body and query are read, then the user is asked for, then parameters are checked (GitLab's order). */
export function userRoute<T>(
  options: HttpOptions,
  read: (params: ParamReader) => T,
  answer: (visit: Visit<T>) => Answer | Promise<Answer>,
): RequestHandler {
  return async (request, response) => {
    const visit = await openVisit(options, request, read)
    const reply = visit.ok ? await answer(visit.value) : visit
    sendReply(request, response, reply.ok ? reply.value : problemReply(reply.error))
  }
}

/** A route below `/projects/:id`. A project that the user may not read is not there (GitLab). */
export function projectRoute<T>(
  options: HttpOptions,
  read: (params: ParamReader) => T,
  answer: (visit: ProjectVisit<T>) => Answer | Promise<Answer>,
): RequestHandler {
  return userRoute(options, read, (visit) => {
    const id = visit.sent.get('id')
    const project = typeof id === 'string' ? options.projects.find(id) : undefined
    if (!project || !mayRead(options.store, visit.user.id, project.id))
      return err({ kind: 'not_found', what: 'Project' })
    return answer({ ...visit, project })
  })
}

/** The parameters in a route's path, and `format` where the path ended in one. */
export function routeParams(request: Request): ParamMap {
  const params = pathParams(request.params)
  return hasFormatSuffix(request) ? new Map<string, RequestValue>([...params, ['format', 'json']]) : params
}

async function openVisit<T>(
  options: HttpOptions,
  request: Request,
  read: (params: ParamReader) => T,
): Promise<Result<Visit<T>, Problem>> {
  const sent = await readParams(request, routeParams(request))
  if (!sent.ok) return sent
  const bearer = authenticate(options, request, sent.value.params)
  if (!bearer.ok) return bearer
  const reader = paramReader(sent.value.params)
  const params = read(reader)
  if (reader.messages.length > 0) return err({ kind: 'invalid_params', messages: reader.messages })
  const path = request.baseUrl + request.path
  return { ok: true, value: { user: bearer.value.user, params, sent: sent.value.params, path } }
}
