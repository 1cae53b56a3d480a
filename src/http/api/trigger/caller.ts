import type { Job } from '../../../model/job.ts'
import type { Project } from '../../../model/project.ts'
import type { Trigger } from '../../../model/trigger.ts'
import { err, ok, type Result } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import type { Problem } from '../../problems.ts'
import { isRunning } from '../authenticate.ts'
import { reachOf } from '../job-reach.ts'
import type { Refused } from './refused.ts'
import { describeToken, describeUnknownProject } from './true-reasons.ts'

/** Who a token speaks for. */
export interface Caller {
  readonly project: Project
  readonly source: 'trigger' | 'pipeline'
  /** Null: a job's token was sent. */
  readonly trigger: Trigger | null
  readonly job: Job | null
  /** Null for a legacy trigger. */
  readonly userId: number | null
}

/** What the two words of a request stand for, right or wrong. */
export interface Looked {
  readonly project: Project | undefined
  readonly trigger: Trigger | undefined
  readonly job: Job | undefined
}

/** GitLab gives this one answer to every wrong token and every unknown project, so that neither can be found out. */
const NOT_FOUND: Problem = { kind: 'not_found', what: null }

/** A trigger's token or a running job's, found by keyed hash. The look-ups are the same for a project that does not exist. */
export function lookUp({ projects, store }: HttpOptions, projectRef: string, token: string): Looked {
  const movedTo = projectRef.includes('/') ? store.projects.movedFrom(projectRef) : undefined
  const project =
    projects.find(projectRef) ?? (movedTo === undefined ? undefined : projects.find(String(movedTo)))
  const trigger = store.triggers.findByToken(token)
  return { project, trigger, job: trigger ? undefined : store.jobs.findByToken(token) }
}

/** Finds out who asks for a pipeline of `projectRef`. */
export function findCaller(
  options: HttpOptions,
  { project, trigger, job }: Looked,
  sent: { readonly projectRef: string; readonly token: string },
  now: number,
): Result<Caller, Refused> {
  if (!project) return refuse(describeUnknownProject(options.projects, sent.projectRef))
  if (trigger) return byTrigger(project, trigger, now)
  if (job) return byJob(options, project, job)
  return refuse(describeToken(options.store, sent.token))
}

function byTrigger(project: Project, trigger: Trigger, now: number): Result<Caller, Refused> {
  if (trigger.projectId !== project.id) return refuse(`token belongs to project ${trigger.projectId}`)
  const ended = whyEnded(trigger, now)
  if (ended !== undefined) return refuse(ended)
  return ok({ project, source: 'trigger', trigger, job: null, userId: trigger.ownerId })
}

/** Why a trigger starts nothing any more; undefined while it does. */
export function whyEnded(trigger: Trigger, now: number): string | undefined {
  const name = `trigger token "${trigger.description}" (${trigger.shortToken})`
  if (trigger.revokedAt !== null) return `${name} was revoked on ${new Date(trigger.revokedAt).toISOString()}`
  if (trigger.withdrawnAt !== null) return `${name} is no longer in the configuration`
  return trigger.expiresAt !== null && trigger.expiresAt <= now
    ? `${name} expired on ${new Date(trigger.expiresAt).toISOString()}`
    : undefined
}

/** GitLab: the job must be running (or about to be cancelled), and its user must be able to read the project. */
function byJob(options: HttpOptions, project: Project, job: Job): Result<Caller, Refused> {
  const name = `job token of job ${job.id}`
  if (!isRunning(job)) {
    const erased = job.erasedAt !== null && (job.status === 'running' || job.status === 'canceling')
    return erased
      ? err({ problem: { kind: 'job_erased' }, reason: `${name}, which has been erased` })
      : err({ problem: { kind: 'job_not_running' }, reason: `${name}, which is ${job.status}` })
  }
  const userId = userOfJob(options, job)
  const reach = reachOf(options, job, project)
  if (reach === 'open') return ok({ project, source: 'pipeline', trigger: null, job, userId })
  if (reach !== 'hidden')
    return refuse(
      `${name} of ${reach.shutOutFrom}, which is not in the job_token_allowlist of ${project.name}`,
    )
  return refuse(
    userId === null
      ? `${name} of a legacy trigger, which reaches no project but its own`
      : `${name}, whose user may not read project ${project.id}`,
  )
}

export function userOfJob({ store }: Pick<HttpOptions, 'store'>, job: Job): number | null {
  return job.userId ?? store.pipelines.find(job.pipelineId)?.userId ?? null
}

function refuse(reason: string): Result<never, Refused> {
  return err({ problem: NOT_FOUND, reason })
}
