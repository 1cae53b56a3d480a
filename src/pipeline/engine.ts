import type { CreatePipelineCommand, CreatePipelineResult } from '../model/command.ts'
import type { Coordinator } from '../model/coordinator.ts'
import type { PipelineEvents } from '../model/events.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Provenance, TriggerRequest } from '../model/provenance.ts'
import type { PreviewResult } from './preview.ts'
import type { PruneLimits } from './prune.ts'
import type { AccessTokens } from './registry/access-tokens.ts'
import type { CommitStatuses } from './registry/commit-statuses.ts'
import type { Deliveries } from './registry/deliveries.ts'
import type { PipelineMetadata } from './registry/pipeline-metadata.ts'
import type { ProjectArtifacts } from './registry/project-artifacts.ts'
import type { ProjectVariables } from './registry/project-variables.ts'
import type { Pushes } from './registry/pushes.ts'
import type { ResourceGroups } from './registry/resource-groups.ts'
import type { Schedules } from './registry/schedules.ts'
import type { Triggers } from './registry/triggers.ts'
import type { Users } from './registry/users.ts'
import type { Environments } from './environments/stop.ts'
import type { Reports } from './reports/reports.ts'
import type { Verbs } from './verbs.ts'

/** The verbs. Whoever wants a row changed asks here. */
export interface Engine {
  /** The one way a pipeline comes to be. The rows are committed when this resolves; no job has run yet. */
  create(command: CreatePipelineCommand): Promise<CreatePipelineResult>
  /** What `create` would make of the same command; nothing is written. */
  preview(command: CreatePipelineCommand): Promise<PreviewResult>
  /** Cancels everything of a pipeline that can be canceled, child pipelines too. Unknown and finished pipelines are left as they are. */
  cancel(pipelineId: number): void
  /** Verbs on single jobs and on pipelines that exist; see `verbs.ts`. */
  readonly verbs: Verbs
  readonly environments: Environments
  readonly reports: Reports
  readonly resourceGroups: ResourceGroups
  readonly schedules: Schedules
  readonly pushes: Pushes
  readonly pipelineMetadata: PipelineMetadata
  readonly projectVariables: ProjectVariables
  readonly projectArtifacts: ProjectArtifacts
  readonly commitStatuses: CommitStatuses
  readonly triggers: Triggers
  readonly users: Users
  readonly accessTokens: AccessTokens
  readonly deliveries: Deliveries
  /** Resolves when nothing more will happen without a person: completed, or blocked by manual jobs only. */
  settled(pipelineId: number): Promise<Pipeline>
  /** Why a pipeline exists, without what is of projects that may not be read; undefined when there is no such pipeline. */
  provenance(pipelineId: number, mayRead: (projectId: number) => boolean): Provenance | undefined
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
