import type { ProjectVariable } from './variable.ts'

/** A repository that Sluice knows, as configured. */
export interface Project {
  readonly id: number
  /** Full path with namespace: `group/app`. */
  readonly name: string
  /** Absolute path of what the user named: a work tree, a bare repository or a plain folder. */
  readonly path: string
  /** The git directory commits are read from; for a plain folder it lies in the state folder. */
  readonly repository: string
  readonly defaultBranch: string
  readonly variables: readonly ProjectVariable[]
  /** The CI file inside the repository (`CI_CONFIG_PATH`). */
  readonly configPath: string
  readonly createdAt: number
  /** Which variables the callers of its triggers may set; absent: any. */
  readonly triggerVariables?: TriggerVariables
  /** Full paths of the projects whose jobs reach this one with their token; absent: all whose user may read it. */
  readonly jobTokenAllowlist?: readonly string[]
}

/**
 * `any`: all that GitLab takes. `safe`: none that a loader, a shell or a tool obeys, and none that is predefined. `declared`: those
 * that the CI file has at its top level. `none`: none at all.
 */
export const TRIGGER_VARIABLES = ['any', 'safe', 'declared', 'none'] as const
export type TriggerVariables = (typeof TRIGGER_VARIABLES)[number]

/** `group/sub/app` as GitLab splits it. */
export function splitProjectName(fullPath: string): {
  namespace: string
  name: string
  rootNamespace: string
} {
  const slash = fullPath.lastIndexOf('/')
  const namespace = slash === -1 ? '' : fullPath.slice(0, slash)
  return { namespace, name: fullPath.slice(slash + 1), rootNamespace: namespace.split('/')[0] ?? '' }
}
