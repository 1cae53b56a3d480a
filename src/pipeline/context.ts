import type { IncludeSources } from '../compile/include-sources.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Project } from '../model/project.ts'
import type { Clock } from '../platform/clock.ts'
import type { GitRepository } from '../platform/git.ts'
import type { Store } from '../store/store.ts'
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
    repository(project: Project): GitRepository
  }
  readonly mirrors: {
    /** The git directory that workspaces borrow their objects from. */
    path(project: Project): string
    /** Brings a pipeline's commit into the mirror and pins it there; cheap when it already is. */
    prepare(project: Project, pipeline: Pipeline): Promise<void>
  }
  /** Where this Sluice answers, without trailing slash. */
  readonly server: () => { readonly url: string; readonly version: string }
  /** Where includes from outside come from, for a user (null: a legacy trigger); absent: the cache in the work tree. */
  readonly includes?: (userId: number | null) => IncludeSources
  /** Job timeout in seconds when the file names none. GitLab's project default: one hour. */
  readonly jobTimeout: number
  /** Something that a person running this should know. */
  notice(text: string): void
}

/** The same, with the pipelines that are alive in this process. */
export interface EngineContext extends EngineOptions {
  readonly live: LivePipelines
  readonly room: Room
}
