import type { Request, RequestHandler } from 'express'
import type { CreatePipelineCommand, CreatePipelineResult } from '../../../model/command.ts'
import type { Project } from '../../../model/project.ts'
import type { TriggerRequest } from '../../../model/provenance.ts'
import { variable } from '../../../model/variable.ts'
import { err, ok, type Result } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import { readParams } from '../../params.ts'
import { problemReply, type Problem } from '../../problems.ts'
import { json, sendReply, type Reply } from '../../reply.ts'
import { pipelineEntity } from '../entities/pipeline.ts'
import { pipelineFacts } from '../present.ts'
import { routeParams } from '../route.ts'
import { findCaller, type Caller } from './caller.ts'
import type { Refused } from './refused.ts'
import { readTriggerCall, type TriggerCall } from './trigger-call.ts'
import { describeRequest } from './trigger-request.ts'

/**
 * `POST /projects/:id/trigger/pipeline` and `POST /projects/:id/ref/:ref/trigger/pipeline`. The token is the whole of
 * authentication: headers and cookies are not read. Every refusal is kept with its true reason.
 */
export function triggerPipeline(options: HttpOptions): RequestHandler {
  return async (request, response) => {
    const { described, decision } = await decide(options, request)
    const answer = decision.ok
      ? await create(options, decision.value, described)
      : err({ ...decision.error, request: described })
    const reply = answer.ok ? answer.value : problemReply(answer.error.problem)
    if (!answer.ok && answer.error.reason !== null) {
      keepRefusal(options, answer.error.request, { status: reply.status, reason: answer.error.reason })
    }
    sendReply(request, response, reply)
  }
}

interface Decision {
  readonly caller: Caller
  readonly call: TriggerCall
}

/** Who asks for what, in the order in which GitLab looks. */
async function decide(
  options: HttpOptions,
  request: Request,
): Promise<{ readonly described: TriggerRequest; readonly decision: Result<Decision, Refused> }> {
  const path = routeParams(request)
  const sent = await readParams(request, path)
  if (!sent.ok) {
    const described = describeRequest(request, path, new Map())
    return { described, decision: err({ problem: sent.error, reason: unreadable(sent.error) }) }
  }
  const { params, body } = sent.value
  const described = describeRequest(request, params, body)
  const call = readTriggerCall(params, request.headers['x-gitlab-event'] === 'Pipeline Hook')
  if (!call.ok) return { described, decision: call }
  const caller = findCaller(options, described.projectRef, call.value.token, described.receivedAt)
  return { described, decision: caller.ok ? ok({ caller: caller.value, call: call.value }) : caller }
}

/** `reason` null: the engine has kept the request already. */
type NotCreated = {
  readonly problem: Problem
  readonly reason: string | null
  readonly request: TriggerRequest
}

async function create(
  options: HttpOptions,
  { caller, call }: Decision,
  described: TriggerRequest,
): Promise<Result<Reply, NotCreated>> {
  const { project } = caller
  const request = { ...described, projectId: project.id, triggerId: caller.triggerId }
  await options.projects.refresh(project)
  const result = await options.engine.create(commandFor(caller, call, request))
  const pipeline = result.kind === 'created' ? options.store.pipelines.find(result.pipelineId) : undefined
  if (pipeline) return ok(json(201, pipelineEntity(pipeline, pipelineFacts(options, project, pipeline))))
  return err({ ...explain(options, project, result), request })
}

function commandFor(caller: Caller, call: TriggerCall, request: TriggerRequest): CreatePipelineCommand {
  return {
    projectId: caller.project.id,
    source: caller.source,
    checkout: { kind: 'ref', ref: call.ref },
    variables: [
      ...[...call.variables].map(([key, value]) => variable(key, value, 'trigger')),
      // GitLab appends it, so that a caller's own variable of this name makes a duplicate and is refused.
      variable('TRIGGER_PAYLOAD', call.payload, 'trigger', { file: true }),
    ],
    inputs: call.inputs,
    userId: caller.userId,
    request,
    triggerId: caller.triggerId,
    sourceKey: null,
    saveInvalid: true,
    selection: null,
    configPath: null,
  }
}

function explain(
  options: HttpOptions,
  project: Project,
  result: CreatePipelineResult,
): Omit<NotCreated, 'request'> {
  switch (result.kind) {
    case 'refused':
      return {
        problem: { kind: 'refused', refusal: result.refusal },
        reason: result.refusal.detail ?? result.refusal.message,
      }
    case 'invalid': {
      const kept = result.pipelineId === null ? undefined : options.store.pipelines.find(result.pipelineId)
      const text = kept?.configError ?? result.diagnostics[0]?.message ?? 'Invalid configuration format'
      return { problem: { kind: 'invalid_config', text }, reason: kept ? null : text }
    }
    case 'created':
      throw new Error(`Bug: pipeline ${result.pipelineId} of ${project.name} was created and is not there`)
  }
}

/** A refusal that cannot be kept is still a refusal: the caller gets its answer, the log the failure. */
function keepRefusal(
  options: HttpOptions,
  request: TriggerRequest,
  answer: { readonly status: number; readonly reason: string },
): void {
  try {
    options.engine.recordRefusal(request, answer)
  } catch (error) {
    options.log({
      level: 'error',
      message: 'a refused trigger request could not be kept',
      error: String(error),
    })
  }
}

function unreadable(problem: Problem): string {
  switch (problem.kind) {
    case 'unsupported_media_type':
      return `the content type "${problem.mediaType.slice(0, 255)}" is not supported`
    case 'invalid_json':
      return 'the body is not the JSON that its content type says'
    case 'body_too_large':
      return 'the body is too large'
    default:
      return 'the request could not be read'
  }
}
