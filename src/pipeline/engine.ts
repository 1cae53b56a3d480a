import type { CreatePipelineCommand, CreatePipelineResult } from '../model/command.ts'
import type { Coordinator } from '../model/coordinator.ts'
import type { PipelineEvents } from '../model/events.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Provenance, TriggerRequest } from '../model/provenance.ts'
import type { PruneLimits } from './prune.ts'

/** The verbs. Whoever wants a row changed asks here. */
export interface Engine {
  /** The one way a pipeline comes to be. The rows are committed when this resolves; no job has run yet. */
  create(command: CreatePipelineCommand): Promise<CreatePipelineResult>
  /** Cancels everything of a pipeline that can be canceled. Unknown and finished pipelines are left as they are. */
  cancel(pipelineId: number): void
  /** Resolves when nothing more will happen without a person: completed, or blocked by manual jobs only. */
  settled(pipelineId: number): Promise<Pipeline>
  /** Why a pipeline exists; undefined when there is no such pipeline. */
  provenance(pipelineId: number): Provenance | undefined
  /** Keeps a refused trigger request, with the status that was answered and the true reason. */
  recordRefusal(request: TriggerRequest, answer: { readonly status: number; readonly reason: string }): void
  /** Removes old finished pipelines with their files; returns their ids. */
  prune(limits: PruneLimits): number[]
  /** Takes over from processes that were killed. To be called before anything is accepted. */
  recover(kind: 'run' | 'serve'): void
  /** Stops the timers. Jobs are their runner's to end. */
  stop(): void
  readonly coordinator: Coordinator
  readonly events: PipelineEvents
}
