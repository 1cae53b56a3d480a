import type { IncomingHttpHeaders } from 'node:http'
import type { Request, RequestHandler } from 'express'
import type { Job } from '../../model/job.ts'
import type { Project } from '../../model/project.ts'
import type { User } from '../../model/user.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { AccessToken } from '../../store/access-tokens.ts'
import { isList, isParamMap, type ParamMap, type RequestValue } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import { pathParams, readParams } from '../params.ts'
import { mayRead } from '../permissions.ts'
import { problemReply, type Problem } from '../problems.ts'
import { movedPermanently, sendReply, type Reply } from '../reply.ts'
import { authenticate } from './authenticate.ts'
import { hasFormatSuffix } from './format-suffix.ts'
import { reachOf } from './job-reach.ts'
import { paramReader, type ParamReader } from './param-reader.ts'

/** What a handler answers. */
export type Answer = Result<Reply, Problem>

/** A request of a known user whose parameters have been read. */
export interface Visit<T> {
  readonly user: User
  /** The job whose token was sent, on a route that takes one; null: a person asks. */
  readonly job: Job | null
  /** The access token; null for a job. */
  readonly token: AccessToken | null
  /** As declared and coerced. */
  readonly params: T
  /** All that were sent, in order: what a `Link` repeats. */
  readonly sent: ParamMap
  /** The path, its escapes as they were sent. */
  readonly path: string
  readonly method: string
  /** From the question mark on; empty when there is none. */
  readonly search: string
  readonly headers: IncomingHttpHeaders
}

export interface ProjectVisit<T> extends Visit<T> {
  readonly project: Project
}

/** Beyond an access token. */
export interface RouteAccess {
  /** GitLab lets jobs use the route with their token. */
  readonly jobToken?: boolean
}

/** A route that needs a user: body and query are read, then the user is asked for, then parameters are checked (GitLab's order). */
export function userRoute<T>(
  options: HttpOptions,
  read: (params: ParamReader) => T,
  answer: (visit: Visit<T>) => Answer | Promise<Answer>,
  access: RouteAccess = {},
): RequestHandler {
  return async (request, response) => {
    const visit = await openVisit(options, request, read, access)
    const reply = visit.ok ? await answer(visit.value) : visit
    sendReply(request, response, reply.ok ? reply.value : problemReply(reply.error))
  }
}

/** A route below `/projects/:id`. A project that the user may not read is not there (GitLab). */
export function projectRoute<T>(
  options: HttpOptions,
  read: (params: ParamReader) => T,
  answer: (visit: ProjectVisit<T>) => Answer | Promise<Answer>,
  access: RouteAccess = {},
): RequestHandler {
  const answerIn = (visit: Visit<T>): Answer | Promise<Answer> => {
    const id = visit.sent.get('id')
    const found = typeof id === 'string' ? findProject(options, id) : undefined
    if (!found) return err({ kind: 'not_found', what: 'Project' })
    const { project, moved } = found
    const closed = visit.job
      ? closedToJob(options, visit.job, project)
      : closedToUser(options, visit.user, project)
    if (closed) return err(closed)
    return moved ? movedReply(options, visit, project) : answer({ ...visit, project })
  }
  return userRoute(options, read, answerIn, access)
}

/** GitLab: a path that the project had before leads to it, too. */
function findProject(
  { projects, store }: HttpOptions,
  ref: string,
): { readonly project: Project; readonly moved: boolean } | undefined {
  const project = projects.find(ref)
  if (project) return { project, moved: false }
  const id = ref.includes('/') ? store.projects.movedFrom(ref) : undefined
  const there = id === undefined ? undefined : projects.find(String(id))
  return there && { project: there, moved: true }
}

/** GitLab sends readers to the number, which never changes. */
function movedReply({ externalUrl }: HttpOptions, visit: Visit<unknown>, { id }: Project): Answer {
  if (visit.method !== 'GET') return err({ kind: 'project_moved' })
  const path = visit.path.replace(/^(\/+api\/+v4\/+projects\/+)[^/]+/, `$1${id}`)
  return ok(movedPermanently(externalUrl() + path + visit.search))
}

function closedToUser({ store }: HttpOptions, user: User, project: Project): Problem | undefined {
  return mayRead(store, user.id, project.id) ? undefined : { kind: 'not_found', what: 'Project' }
}

function closedToJob(options: HttpOptions, job: Job, project: Project): Problem | undefined {
  const reach = reachOf(options, job, project)
  if (reach === 'open') return undefined
  if (reach === 'hidden') return { kind: 'not_found', what: 'Project' }
  const reason = `Authentication by CI/CD job token not allowed from ${reach.shutOutFrom} to project #${project.id}.`
  return { kind: 'forbidden', reason }
}

/** The parameters in a route's path, and `format` where the path ended in one. */
export function routeParams(request: Request): ParamMap {
  const params = pathParams(request.params)
  return hasFormatSuffix(request) ? new Map<string, RequestValue>([...params, ['format', 'json']]) : params
}

function hasNul(value: RequestValue): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (isList(value)) return value.some(hasNul)
  return isParamMap(value) && [...value].some(([key, member]) => key.includes('\0') || hasNul(member))
}

async function openVisit<T>(
  options: HttpOptions,
  request: Request,
  read: (params: ParamReader) => T,
  { jobToken = false }: RouteAccess,
): Promise<Result<Visit<T>, Problem>> {
  const sent = await readParams(request, routeParams(request), options.limits)
  if (!sent.ok) return sent
  const visitor = authenticate(options, request, sent.value.params, jobToken)
  if (!visitor.ok) return visitor
  // GitLab refuses these before anything else looks at them; git and the file system cannot take them.
  if (hasNul(sent.value.params)) return err({ kind: 'bad_request', reason: null })
  const reader = paramReader(sent.value.params)
  const params = read(reader)
  if (reader.messages.length > 0) return err({ kind: 'invalid_params', messages: reader.messages })
  const path = request.baseUrl + request.path
  const { method, headers, url } = request
  const search = /\?.*$/s.exec(url)?.[0] ?? ''
  return ok({ ...visitor.value, params, sent: sent.value.params, path, method, search, headers })
}
