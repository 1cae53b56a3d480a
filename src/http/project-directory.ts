import type { GitRepository } from '../platform/git.ts'
import type { Project } from '../model/project.ts'

/** The projects that are served, as configured. */
export interface ProjectDirectory {
  /** As GitLab looks a project up: all digits is its number, a text with `/` its full path; a bare name is never found. */
  find(ref: string): Project | undefined
  all(): readonly Project[]
  repository(project: Project): GitRepository
  /** Brings a plain folder's snapshot up to date before a ref of it is resolved; does nothing for real repositories. */
  refresh(project: Project): Promise<void>
}
