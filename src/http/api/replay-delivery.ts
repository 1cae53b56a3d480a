import type { IncomingHttpHeaders } from 'node:http'
import type { RequestHandler } from 'express'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import type { TriggerCallRecord } from '../../model/provenance.ts'
import { LOCAL_USER_ID, type User } from '../../model/user.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { TriggerRequestRow } from '../../store/trigger-requests.ts'
import type { HttpOptions } from '../options.ts'
import { problemReply, type Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { findDelivery } from './deliveries.ts'
import { pipelineEntity } from './entities/pipeline.ts'
import { forRole } from './guards.ts'
import { findPipeline, readPipelineId } from './pipelines.ts'
import { pipelineFacts } from './present.ts'
import { projectRoute, type Answer } from './route.ts'
import { userOfJob, whyEnded, type Caller } from './trigger/caller.ts'
import { keepRefusal } from './trigger/record.ts'
import type { Refused } from './trigger/refused.ts'
import { commandFor, runTrigger } from './trigger/run-trigger.ts'
import { checkCall } from './trigger/token-limits.ts'

/** `POST /projects/:id/trigger_requests/:request_id/replay`: the same ref, variables and payload once more, as the trigger stands now. */
export function replayDelivery(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ requestId: params.requiredInteger('request_id') }),
    forRole(options, 'maintainer', async ({ project, user, params, headers }) => {
      const row = findDelivery(options, project, params.requestId)
      return row.ok ? await replay(options, { project, user, headers, row: row.value }) : row
    }),
  )
}

/** `POST /projects/:id/pipelines/:pipeline_id/replay`: of the request that made a pipeline. */
export function replayPipeline(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    readPipelineId,
    forRole(options, 'maintainer', async ({ project, user, params, headers }) => {
      const pipeline = findPipeline(options, project.id, params.pipelineId)
      if (!pipeline.ok) return pipeline
      const row = options.store.triggerRequests.ofPipeline(pipeline.value.id)
      if (!row) return err({ kind: 'bad_request', reason: 'no trigger request made this pipeline' })
      return await replay(options, { project, user, headers, row })
    }),
  )
}

interface Replay {
  readonly project: Project
  readonly user: User
  readonly headers: IncomingHttpHeaders
  readonly row: TriggerRequestRow
}

async function replay(options: HttpOptions, { project, user, headers, row }: Replay): Promise<Answer> {
  const made = await repeatRequest(options, { project, user, row, userAgent: headers['user-agent'] ?? '' })
  return made.ok
    ? ok(json(201, pipelineEntity(made.value, pipelineFacts(options, project, made.value))))
    : made
}

/** Asks once more what a recorded request asked, as its trigger stands now; a refusal is recorded. */
export async function repeatRequest(
  options: HttpOptions,
  {
    project,
    user,
    row,
    userAgent,
  }: {
    readonly project: Project
    readonly user: User
    readonly row: TriggerRequestRow
    readonly userAgent: string
  },
): Promise<Result<Pipeline, Problem>> {
  const call = options.store.triggerRequests.callOf(row.id)
  if (!call) return err({ kind: 'bad_request', reason: 'what this request asked for is not kept' })
  const request = {
    projectRef: row.projectRef,
    projectId: project.id,
    triggerId: row.triggerId,
    form: row.form,
    remoteAddress: row.remoteAddress,
    userAgent: userAgent.slice(0, 1024),
    ref: call.ref,
    receivedAt: options.clock.now(),
    variableKeys: row.variableKeys,
    shortToken: row.shortToken ?? null,
    replayOf: row.id,
    call,
  }
  const refuse = ({ problem, reason }: Refused): Result<never, Problem> => {
    keepRefusal(options, request, { status: problemReply(problem).status, reason })
    return err(problem)
  }
  const caller = callerOf(options, project, row, call)
  if (!caller.ok) return refuse(caller.error)
  const stranger = runsAsAnother(options, user, caller.value)
  if (stranger) return err(stranger)
  const variables = new Map(call.variables.map(({ key, value }) => [key, value]))
  const sent = { ...call, token: '', variables }
  const narrowed = caller.value.trigger ? checkCall(caller.value.trigger, sent) : undefined
  if (narrowed) return refuse(narrowed)
  const made = await runTrigger(options, commandFor(caller.value, sent, request), project)
  if (made.ok) return made
  const { problem, reason } = made.error
  return reason === null ? err(problem) : refuse({ problem, reason })
}

/** A pipeline runs with the rights of whoever asked then, which nobody else may use but the owner of this machine. */
function runsAsAnother({ store }: HttpOptions, user: User, { userId }: Caller): Problem | undefined {
  if (userId === null || userId === user.id || user.id === LOCAL_USER_ID) return undefined
  const name = store.users.find(userId)?.username ?? `user ${userId}`
  return { kind: 'forbidden', reason: `the request ran as ${name}; only ${name} can send it again` }
}

/** As whoever asked then, if that may still be asked. */
function callerOf(
  options: HttpOptions,
  project: Project,
  row: TriggerRequestRow,
  call: TriggerCallRecord,
): Result<Caller, Refused> {
  const refuse = (reason: string): Result<never, Refused> =>
    err({ problem: { kind: 'bad_request', reason }, reason: `replay of request ${row.id}: ${reason}` })
  const trigger = row.triggerId === null ? undefined : options.store.triggers.find(row.triggerId)
  if (trigger) {
    const ended = whyEnded(trigger, options.clock.now())
    if (ended !== undefined) return refuse(ended)
    return ok({ project, source: 'trigger', trigger, job: null, userId: trigger.ownerId })
  }
  const job = call.jobId === null ? undefined : options.store.jobs.find(call.jobId)
  if (!job) return refuse('whoever sent this request is gone')
  return ok({ project, source: 'pipeline', trigger: null, job, userId: userOfJob(options, job) })
}
