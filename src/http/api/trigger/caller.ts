import type { Job } from '../../../model/job.ts'
import type { Project } from '../../../model/project.ts'
import type { Trigger } from '../../../model/trigger.ts'
import { err, ok, type Result } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import { mayRead } from '../../permissions.ts'
import type { Problem } from '../../problems.ts'
import type { Refused } from './refused.ts'
import { describeToken, describeUnknownProject } from './true-reasons.ts'

/** Who a token speaks for. */
export interface Caller {
  readonly project: Project
  readonly source: 'trigger' | 'pipeline'
  readonly triggerId: number | null
  /** Null for a legacy trigger. */
  readonly userId: number | null
}

/** GitLab gives this one answer to every wrong token and every unknown project, so that neither can be found out. */
const NOT_FOUND: Problem = { kind: 'not_found', what: null }

/**
 * Finds out who asks for a pipeline of `projectRef`: a trigger's token or a running job's, looked up by keyed hash.
 * The look-ups are the same for a project that does not exist.
 */
export function findCaller(
  options: HttpOptions,
  projectRef: string,
  token: string,
  now: number,
): Result<Caller, Refused> {
  const project = options.projects.find(projectRef)
  const trigger = options.store.triggers.findByToken(token)
  const job = trigger ? undefined : options.store.jobs.findByToken(token)
  if (!project) return refuse(describeUnknownProject(options.projects, projectRef))
  if (trigger) return byTrigger(project, trigger, now)
  if (job) return byJob(options, project, job)
  return refuse(describeToken(options.store, token))
}

function byTrigger(project: Project, trigger: Trigger, now: number): Result<Caller, Refused> {
  if (trigger.projectId !== project.id) return refuse(`token belongs to project ${trigger.projectId}`)
  const name = `trigger token "${trigger.description}" (${trigger.shortToken})`
  if (trigger.revokedAt !== null)
    return refuse(`${name} was revoked on ${new Date(trigger.revokedAt).toISOString()}`)
  if (trigger.withdrawnAt !== null) return refuse(`${name} is no longer in the configuration`)
  if (trigger.expiresAt !== null && trigger.expiresAt <= now) {
    return refuse(`${name} expired on ${new Date(trigger.expiresAt).toISOString()}`)
  }
  return ok({ project, source: 'trigger', triggerId: trigger.id, userId: trigger.ownerId })
}

/** GitLab: the job must be running (or about to be cancelled), and its user must be able to read the project. */
function byJob({ store }: HttpOptions, project: Project, job: Job): Result<Caller, Refused> {
  const name = `job token of job ${job.id}`
  if (job.status !== 'running' && job.status !== 'canceling') {
    return err({ problem: { kind: 'job_not_running' }, reason: `${name}, which is ${job.status}` })
  }
  if (job.erasedAt !== null)
    return err({ problem: { kind: 'job_erased' }, reason: `${name}, which has been erased` })
  const userId = store.pipelines.find(job.pipelineId)?.userId ?? null
  const caller = { project, source: 'pipeline', triggerId: null, userId } as const
  if (job.projectId === project.id) return ok(caller)
  if (userId === null) return refuse(`${name} of a legacy trigger, which reaches no project but its own`)
  return mayRead(store, userId, project.id)
    ? ok(caller)
    : refuse(`${name}, whose user may not read project ${project.id}`)
}

function refuse(reason: string): Result<never, Refused> {
  return err({ problem: NOT_FOUND, reason })
}
