import type { PipelineCompiler } from '../compile/compiler.ts'
import type { IncludeSources } from '../compile/include-sources.ts'
import type { ArtifactRules, EngineLimits } from '../model/limits.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Project } from '../model/project.ts'
import type { Clock } from '../platform/clock.ts'
import type { GitRepository } from '../platform/git.ts'
import type { Store } from '../store/store.ts'
import type { Crowd } from './crowd.ts'
import type { LivePipelines } from './live.ts'
import type { Room } from './room.ts'

/** What the verbs need to know of the world. */
export interface EngineOptions {
  readonly store: Store
  readonly clock: Clock
  /** The row in `processes` that says who owns the pipelines made here. */
  readonly processId: number
  readonly projects: {
    find(id: number): Project | undefined
    /** By full path; upper and lower case count alike. */
    named(fullPath: string): Project | undefined
    /** Brings a plain folder's snapshot up to date; nothing for repositories. */
    refresh(project: Project): Promise<void>
    repository(project: Project): GitRepository
  }
  readonly mirrors: {
    /** The git directory that workspaces borrow their objects from. */
    path(project: Project): string
    /** Brings a pipeline's commit into the mirror and pins it there; cheap when it already is. */
    prepare(project: Project, pipeline: Pipeline): Promise<void>
    /** Takes away the pins of pipelines that are gone; `now` in ms. Absent: nothing is pinned. */
    unpin?(pipelineIds: readonly number[], now: number): Promise<void>
  }
  /** Where this Sluice answers, without trailing slash. */
  readonly server: () => { readonly url: string; readonly version: string }
  /** Where includes from outside come from, for a user (null: a legacy trigger); absent: the cache in the work tree. */
  readonly includes?: (userId: number | null) => IncludeSources
  /** Who compiles CI files; absent: this thread. */
  readonly compiler?: PipelineCompiler
  readonly limits: EngineLimits
  /** Kills the processes that carry a marker of a process that died; absent: those that /proc shows. */
  readonly killMarked?: (marker: string) => void
  /** Whether a runner that is there could take a job with these tags; absent: the one of this process takes them all. */
  readonly hasRunner?: (projectId: number, tags: readonly string[]) => boolean
  /** Absent: GitLab's. */
  readonly artifacts?: ArtifactRules
  /** Job timeout in seconds when the file names none. GitLab's project default: one hour. */
  readonly jobTimeout: number
  /** Something that a person running this should know. */
  notice(text: string): void
}

/** The same, with the pipelines that are alive in this process. */
export interface EngineContext extends EngineOptions {
  readonly live: LivePipelines
  readonly room: Room
  readonly crowd: Crowd
}
