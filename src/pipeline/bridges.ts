import type { CreatePipelineCommand, CreatePipelineResult } from '../model/command.ts'
import type { PipelineEvent, PipelineEvents } from '../model/events.ts'
import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { isCompleted } from '../model/status.ts'
import { isDiskFull } from '../store/database.ts'
import { sayInBridge } from './bridge-log.ts'
import { makeUpstreamBridges, type UpstreamBridges } from './bridge-mirror.ts'
import { nextBridgeStatus } from './bridge-status.ts'
import { downstreamCommand, type BridgeRefusal } from './bridge-target.ts'
import type { PlacedJob } from './job-variables.ts'
import { cancelPipeline } from './cancel.ts'
import type { EngineContext } from './context.ts'
import { moveBridge } from './move-bridge.ts'
import { makeTriggerRate } from './trigger-rate.ts'

/** Jobs that start, or mirror, another pipeline. No runner ever sees them. */
export interface Bridges {
  /** Takes up what a process that died has left: bridges that wait for a pipeline, or for the end of one. */
  recover(): void
  stop(): void
}

export interface BridgeOptions {
  readonly context: EngineContext
  readonly events: PipelineEvents
  readonly announce: (events: readonly PipelineEvent[]) => void
  /** Creates a pipeline and moves it on. */
  readonly create: (command: CreatePipelineCommand) => Promise<CreatePipelineResult>
}

/** How long to wait for room on the disk before a bridge is taken up again. */
const FULL_DISK_MS = 2000

/** A bridge that becomes pending starts its pipeline; a pipeline whose status changes is looked at by the bridge that started it. */
export function makeBridges({ context, events, announce, create }: BridgeOptions): Bridges {
  const { store } = context
  const taken = new Set<number>()
  /** Whose pipelines have changed while they were in hand. */
  const missed = new Set<number>()
  let stopped = false
  const upstream: UpstreamBridges = makeUpstreamBridges(context)
  const exceeds = makeTriggerRate(context)

  function place(job: Job): PlacedJob | undefined {
    const pipeline = store.pipelines.find(job.pipelineId)
    const project = pipeline && context.projects.find(pipeline.projectId)
    return pipeline && project ? { job, pipeline, project } : undefined
  }

  async function take(jobId: number): Promise<void> {
    if (stopped || taken.has(jobId)) return
    taken.add(jobId)
    try {
      await takeNow(jobId)
    } catch (error) {
      // What was under way when everything ended is taken up by the next process.
      if (stopped) return
      if (isDiskFull(error)) return void context.clock.after(FULL_DISK_MS, () => void take(jobId))
      context.notice(`trigger job ${jobId}: ${error instanceof Error ? error.message : String(error)}`)
      await refuse(jobId, { reason: 'data_integrity_failure', detail: String(error) }).catch(() => undefined)
    } finally {
      taken.delete(jobId)
      if (missed.delete(jobId)) lookAgain(jobId)
    }
  }

  async function takeNow(jobId: number): Promise<void> {
    const job = store.jobs.find(jobId)
    if (job?.kind !== 'bridge' || !waits(job)) return
    // Played from another terminal: the process that works on the pipeline sees it, and starts what it starts.
    if (store.pipelines.ownershipOf(job.pipelineId)?.owner !== context.processId) return
    const started = store.pipelines.startedBy(jobId)
    if (started) return look(job, started, false)
    const placed = place(job)
    if (!placed)
      return refuse(jobId, { reason: 'data_integrity_failure', detail: 'its project is no longer served' })
    const { trigger } = job.options
    if (!trigger) return upstream.subscribe(placed)
    if (exceeds(placed)) {
      const detail = 'too many in a minute for this commit (limits: downstream_triggers)'
      return refuse(jobId, { reason: 'reached_downstream_pipeline_trigger_rate_limit', detail })
    }
    const command = downstreamCommand(context, placed, trigger)
    if (!command.ok) return refuse(jobId, command.error)
    if (job.status === 'pending' && !moveBridge(context, job, 'running')) return
    const project = context.projects.find(command.value.projectId)
    if (project && project.id !== placed.project.id) await context.projects.refresh(project)
    await settle(jobId, await create(command.value))
  }

  async function settle(jobId: number, result: CreatePipelineResult): Promise<void> {
    const messages = messagesOf(result)
    if (messages.length > 0)
      return refuse(jobId, { reason: 'downstream_pipeline_creation_failed', detail: messages.join('\n') })
    const job = store.jobs.find(jobId)
    const started = job && store.pipelines.startedBy(jobId)
    if (!started) return
    // Canceled while the child was being made, which the cancel could not see.
    if (job.status === 'canceled' && started.source === 'parent_pipeline') cancelPipeline(context, started.id)
    else look(job, started, false)
  }

  /** Whatever happened: what a bridge's log says, then its end. */
  async function refuse(jobId: number, { reason, detail }: BridgeRefusal): Promise<void> {
    const job = store.jobs.find(jobId)
    if (!job || !waits(job)) return
    await sayInBridge({ store, clock: context.clock, room: context.room, announce }, job, reason, detail)
    fail(job, reason)
  }

  function fail(job: Job, reason: FailureReason): void {
    moveBridge(context, store.jobs.find(job.id) ?? job, 'failed', reason)
  }

  function look(job: Job, downstream: Pipeline, again: boolean): void {
    const strategy = job.options.trigger?.strategy ?? null
    const next = job.retried
      ? undefined
      : nextBridgeStatus({ status: job.status, strategy }, downstream, again)
    if (next === undefined) return
    const reason = downstream.configError === null ? 'unknown_failure' : 'downstream_pipeline_creation_failed'
    moveBridge(context, job, next, reason)
  }

  /** Now, or as soon as there is room on the disk. */
  function record(jobId: number, work: () => void): void {
    context.room.make(`trigger job ${jobId}`, work).catch((error: unknown) => {
      context.notice(`trigger job ${jobId}: ${error instanceof Error ? error.message : String(error)}`)
    })
  }

  function lookAgain(jobId: number): void {
    if (stopped) return
    record(jobId, () => {
      const job = store.jobs.find(jobId)
      const started = job && store.pipelines.startedBy(jobId)
      if (started) look(job, started, false)
    })
  }

  function onPipeline(event: Extract<PipelineEvent, { type: 'pipeline' }>): void {
    upstream.look(event.pipelineId)
    const pipeline = store.pipelines.find(event.pipelineId)
    const startedBy = pipeline?.parentJobId ?? null
    const job = startedBy === null ? undefined : store.jobs.find(startedBy)
    // A job that called the API with its token has started a pipeline too, and does not wait for it.
    if (!pipeline || job?.kind !== 'bridge') return
    if (taken.has(job.id)) return void missed.add(job.id)
    const again = isCompleted(event.from) && !isCompleted(event.to)
    record(job.id, () =>
      look(store.jobs.find(job.id) ?? job, store.pipelines.find(pipeline.id) ?? pipeline, again),
    )
  }

  const off = events.on((event) => {
    if (event.type === 'job' && event.to === 'pending' && store.jobs.headOf(event.jobId).kind === 'bridge')
      setImmediate(() => void take(event.jobId))
    if (event.type === 'pipeline') onPipeline(event)
  })

  return {
    recover() {
      for (const jobId of store.jobs.waitingBridges(context.processId)) {
        const job = store.jobs.find(jobId)
        if (job && !job.options.trigger && job.status !== 'pending') upstream.resume(job)
        else void take(jobId)
      }
    },
    stop() {
      stopped = true
      off()
    },
  }
}

function waits({ status }: Job): boolean {
  return status === 'pending' || status === 'running'
}

/** GitLab: the errors of the pipeline that could not be made; none: it was made. */
function messagesOf(result: CreatePipelineResult): string[] {
  switch (result.kind) {
    case 'created':
      return []
    case 'invalid':
      return result.diagnostics.map(({ message }) => message)
    case 'refused': {
      const { message, detail } = result.refusal
      return [detail === null ? message : `${message}\n${detail}`]
    }
  }
}
