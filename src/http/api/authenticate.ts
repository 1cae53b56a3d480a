import type { Request } from 'express'
import type { Job } from '../../model/job.ts'
import { LOCAL_USER_ID, type User } from '../../model/user.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { AccessToken } from '../../store/access-tokens.ts'
import { bearerOf } from '../access-token.ts'
import { arrivalOf } from '../arrival.ts'
import type { ParamMap } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { GHOST } from './entities/user.ts'

/** Who asks. */
export interface Visitor {
  /** A job's user; nobody (`GHOST`) for a job of a legacy trigger. */
  readonly user: User
  /** The running job whose token was sent; null: a person's access token. */
  readonly job: Job | null
  /** Null for a job. */
  readonly token: AccessToken | null
}

/**
 * GitLab: the header `PRIVATE-TOKEN`, the parameter `private_token`, then `Authorization: Bearer`; where the route takes job tokens,
 * `JOB-TOKEN`, `job_token`, `token` and the bearer, too. Cookies are not read here.
 */
export function authenticate(
  options: HttpOptions,
  request: Request,
  params: ParamMap,
  takesJobToken: boolean,
): Result<Visitor, Problem> {
  const personal = personalToken(request, params)
  const jobs = takesJobToken ? jobToken(request, params) : undefined
  const throttled = throttle(options, request, personal ?? jobs)
  if (!throttled.ok) return throttled
  const visitor =
    jobs !== undefined && (personal === undefined || isJobToken(options, personal))
      ? byJob(options, jobs)
      : byPerson(options, request, personal)
  return visitor.ok ? sudo(options, request, params, visitor.value) : visitor
}

function throttle(options: HttpOptions, request: Request, token: string | undefined): Result<true, Problem> {
  if (token === undefined) return ok(true)
  const throttled = options.rates.ofToken(token, arrivalOf(request).countedAddress)
  return throttled ? err({ kind: 'throttled', throttled }) : ok(true)
}

function byPerson(
  options: HttpOptions,
  request: Request,
  token: string | undefined,
): Result<Visitor, Problem> {
  const person = bearerOf(options.store, token, options.clock.now())
  if (!person.ok) return person
  if (!mayUse(person.value.scopes, request.method)) return err({ kind: 'insufficient_scope' })
  noteUse(options, person.value.token)
  return ok({ user: person.value.user, job: null, token: person.value.token })
}

/** A token that cannot be noted as used is used all the same: reading must work when writing does not. */
function noteUse(options: HttpOptions, token: AccessToken): void {
  try {
    options.engine.accessTokens.used(token)
  } catch (error) {
    options.log({ level: 'warn', message: 'the use of a token could not be noted', error: String(error) })
  }
}

/** GitLab: a job's token is good while the job runs, or is about to be cancelled. */
function byJob({ store }: HttpOptions, token: string): Result<Visitor, Problem> {
  const job = store.jobs.findByToken(token)
  if (!job || !isRunning(job)) return err({ kind: 'unauthorized' })
  const userId = job.userId ?? store.pipelines.find(job.pipelineId)?.userId ?? null
  const user = userId === null ? GHOST : store.users.find(userId)
  if (!user) return err({ kind: 'unauthorized' })
  if (user.blocked) return err({ kind: 'forbidden', reason: 'Your account has been blocked.' })
  return ok({ user, job, token: null })
}

export function isRunning({ status, erasedAt }: Job): boolean {
  return (status === 'running' || status === 'canceling') && erasedAt === null
}

/** GitLab: whoever owns the machine may speak as somebody else, by name or number. */
function sudo(
  { store }: HttpOptions,
  request: Request,
  params: ParamMap,
  visitor: Visitor,
): Result<Visitor, Problem> {
  const asked = params.get('sudo') ?? request.headers['sudo']
  if (typeof asked !== 'string' || asked === '') return ok(visitor)
  if (visitor.job || visitor.user.id !== LOCAL_USER_ID) {
    return err({ kind: 'forbidden', reason: 'Must be admin to use sudo' })
  }
  const user = /^\d+$/.test(asked) ? store.users.find(Number(asked)) : store.users.findByName(asked)
  return user
    ? ok({ ...visitor, user })
    : err({ kind: 'not_found', what: `User with ID or username '${asked.slice(0, 255)}'` })
}

function personalToken(request: Request, params: ParamMap): string | undefined {
  return (
    text(params.get('private_token')) ??
    text(request.headers['private-token']) ??
    text(params.get('access_token')) ??
    bearer(request)
  )
}

function jobToken(request: Request, params: ParamMap): string | undefined {
  return (
    text(request.headers['job-token']) ??
    text(params.get('job_token')) ??
    text(params.get('token')) ??
    bearer(request)
  )
}

function isJobToken({ store }: HttpOptions, token: string): boolean {
  return store.jobs.findByToken(token) !== undefined
}

function bearer(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function mayUse(scopes: AccessToken['scopes'], method: string): boolean {
  if (scopes.includes('api')) return true
  return scopes.includes('read_api') && (method === 'GET' || method === 'HEAD')
}
