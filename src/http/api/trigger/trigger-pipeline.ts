import type { Request, RequestHandler, Response } from 'express'
import type { Pipeline } from '../../../model/pipeline.ts'
import type { Project } from '../../../model/project.ts'
import type { TriggerRequest } from '../../../model/provenance.ts'
import type { HttpOptions } from '../../options.ts'
import { problemOf, problemReply } from '../../problems.ts'
import { json, sendReply, type Reply } from '../../reply.ts'
import { pipelineEntity } from '../entities/pipeline.ts'
import { pipelineFacts } from '../present.ts'
import { admit, type Admitted } from './admission.ts'
import { dryRunReply } from './dry-run.ts'
import { earlier, makeQueue, onceOf } from './once.ts'
import { keepDelivery, keepRefusal } from './record.ts'
import type { Refused } from './refused.ts'
import { commandFor, runTrigger } from './run-trigger.ts'
import { makeSenders } from './sending-job.ts'
import { makeWaiters } from './wait.ts'

/**
 * `POST /projects/:id/trigger/pipeline` and `POST /projects/:id/ref/:ref/trigger/pipeline`. The token is the whole of
 * authentication: cookies and access tokens are not read. Every request is kept, a refused one with its true reason.
 */
export function triggerPipeline(options: HttpOptions): RequestHandler {
  const waiters = makeWaiters(options)
  const queue = makeQueue()
  const senderOf = makeSenders(options)

  async function answer(request: Request, response: Response): Promise<Reply> {
    const { request: admitted, decision } = await admit(options, request)
    if (!decision.ok) return refuse(admitted, decision.error)
    // While the connection is there. A job's own token says more than where it was used.
    const described = decision.value.caller.job
      ? admitted
      : { ...admitted, senderJobId: await senderOf(request) }
    try {
      return await carryOut(decision.value, described, response)
    } catch (error) {
      // The caller gets what every failure of ours is answered with; the record says what failed.
      const { status } = problemReply(problemOf(error))
      keepRefusal(options, described, {
        status,
        reason: error instanceof Error ? error.message : String(error),
      })
      throw error
    }
  }

  async function carryOut(admitted: Admitted, described: TriggerRequest, response: Response): Promise<Reply> {
    if (admitted.extras.dryRun) return await dryRun(admitted, described)
    const once = onceOf(admitted.caller, {
      payload: admitted.call.payload,
      idempotencyKey: admitted.extras.idempotencyKey,
      webhookId: admitted.webhookId,
    })
    const kept = once ? { ...described, once } : described
    const made = await queue(once?.idempotencyKey ?? once?.webhookId ?? null, () => make(admitted, kept))
    if (made.pipeline === null || admitted.extras.wait === null) return made.reply
    const waited = await waiters.untilSettled(made.pipeline.id, admitted.extras.wait, response)
    const reply = present(admitted.caller.project, made.pipeline.id, made.reply)
    return { ...reply, headers: { ...reply.headers, 'Sluice-Wait': waited } }
  }

  async function make(
    admitted: Admitted,
    request: TriggerRequest,
  ): Promise<{ readonly reply: Reply; readonly pipeline: Pipeline | null }> {
    const { caller, call } = admitted
    const before = request.once ? earlier(options, request.once, options.clock.now()) : undefined
    if (before && !before.ok) return { reply: refuse(request, before.error), pipeline: null }
    const first = before?.value && options.store.pipelines.find(before.value.pipelineId)
    if (first) return again(caller.project, first, request)
    const created = await runTrigger(options, commandFor(caller, call, request), caller.project)
    if (!created.ok) {
      const { problem, reason } = created.error
      const reply = reason === null ? problemReply(problem) : refuse(request, { problem, reason })
      return { reply, pipeline: null }
    }
    return { reply: present(caller.project, created.value.id, json(201, null)), pipeline: created.value }
  }

  /** The same request came before: its pipeline is the answer. */
  function again(
    project: Project,
    first: Pipeline,
    { once: _once, call: _call, ...request }: TriggerRequest,
  ) {
    const headers = { 'Idempotent-Replayed': 'true' }
    const invalid =
      first.configError === null
        ? undefined
        : problemReply({ kind: 'invalid_config', text: first.configError })
    const reply = invalid
      ? { ...invalid, headers: { ...invalid.headers, ...headers } }
      : json(200, null, headers)
    keepDelivery(
      options,
      { ...request, replayed: true },
      { status: reply.status, reason: null, pipelineId: first.id },
    )
    return invalid ? { reply, pipeline: null } : { reply: present(project, first.id, reply), pipeline: first }
  }

  async function dryRun({ caller, call }: Admitted, request: TriggerRequest): Promise<Reply> {
    await options.projects.refresh(caller.project)
    const preview = await options.engine.preview(commandFor(caller, call, request))
    const { reply, reason } = dryRunReply(preview)
    const why = reason === null ? 'dry run' : `dry run: ${reason}`
    keepDelivery(options, request, { status: reply.status, reason: why, pipelineId: null })
    return reply
  }

  function refuse(request: TriggerRequest, { problem, reason }: Refused): Reply {
    const reply = problemReply(problem)
    keepRefusal(options, request, { status: reply.status, reason })
    return reply
  }

  /** The pipeline as it stands now, in an answer with this status and these headers. */
  function present(project: Project, pipelineId: number, reply: Reply): Reply {
    const pipeline = options.store.pipelines.find(pipelineId)
    if (!pipeline) return problemReply({ kind: 'record_not_found' })
    return json(
      reply.status,
      pipelineEntity(pipeline, pipelineFacts(options, project, pipeline)),
      reply.headers,
    )
  }

  return async (request, response) => sendReply(request, response, await answer(request, response))
}
