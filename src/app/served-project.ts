import type { Project } from '../model/project.ts'
import type { TriggerLimits } from '../model/trigger.ts'
import type { Role } from '../model/user.ts'

/** GitLab's default for a project's CI file. */
export const CONFIG_PATH = '.gitlab-ci.yml'

/** A project as the joined parts need it: what it is, whose objects it uses, who may trigger it. */
export interface ServedProject {
  readonly project: Omit<Project, 'createdAt'>
  readonly objects: ProjectObjects
  /** By user name; the person at this machine owns every project. */
  readonly members: ReadonlyMap<string, Role>
  readonly triggers: readonly DeclaredTrigger[]
  /** Brings the repository up to date with what it was made from. */
  refresh(): Promise<void>
}

/** Where workspaces borrow the objects of a project from. */
export type ProjectObjects =
  /** `project.repository` is a repository of ours: pins are all it needs. */
  | { readonly kind: 'ours' }
  /** `project.repository` is of ours and has only objects, its own and those of `source`, whose branches and tags count. */
  | { readonly kind: 'borrowed'; readonly source: string }
  /** A repository of the user's: its branches and tags are copied to `mirror`, so that it may be rebased and cleaned at will. */
  | {
      readonly kind: 'mirrored'
      readonly mirror: string
      /** Snapshots of the work tree are in the mirror, too. */
      readonly snapshots?: boolean
    }

export interface DeclaredTrigger {
  readonly description: string
  readonly token: string
  /** Null: a legacy trigger, which has no user. */
  readonly owner: string | null
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | null
  readonly limits?: TriggerLimits
  /** What every request must prove that it knows. */
  readonly secret?: string | null
  readonly location?: { readonly file: string; readonly line: number }
}
