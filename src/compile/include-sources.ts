import type { IncludeSettings } from '../settings/settings.ts'
import type { Project } from '../model/project.ts'
import type { GitRepository } from '../platform/git.ts'

/** A project that is served here, by its full path. */
export interface ServedSource {
  readonly project: Project
  readonly repository: GitRepository
  /** Brings the repository up to date with the folder it was made from. */
  readonly refresh?: () => Promise<void>
}

/** Where `include` finds files beyond the repository itself. */
export interface IncludeSources {
  readonly settings: IncludeSettings
  /** The served project of that full path, if whoever starts the pipeline may read it. */
  served(fullPath: string): ServedSource | undefined
}

/**
 * The folder in a work tree that serves as cache when no configuration names one. A cache holds copies:
 *
 *     remote/<host>/<path>                          https://<host>/<path>
 *     templates/<name>                              GitLab's templates: Jobs/Build.gitlab-ci.yml
 *     projects/<group/app>/<ref>/<path>             files of a project; `HEAD` when the include names no ref
 *     components/<host>/<group/app>/<version>/…     a project of components: templates/<name>.yml
 */
export const CACHE_IN_REPOSITORY = '.sluice/includes'
