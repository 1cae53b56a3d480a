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
}

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
