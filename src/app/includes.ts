import type { IncludeSources } from '../compile/include-sources.ts'
import type { ProjectDirectory } from '../http/project-directory.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import type { IncludeSettings } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'

/** Where a user's pipelines take includes from: the configured folders, and the served projects that the user may read. */
export function includesFrom(
  settings: IncludeSettings,
  projects: ProjectDirectory,
  store: Store,
): (userId: number | null) => IncludeSources {
  return (userId) => ({
    settings,
    served(fullPath) {
      const project = projects.all().find(({ name }) => name.toLowerCase() === fullPath.toLowerCase())
      if (project === undefined || userId === null) return undefined
      const mayRead = userId === LOCAL_USER_ID || store.users.roleIn(project.id, userId) !== undefined
      return mayRead
        ? { project, repository: projects.repository(project), refresh: () => projects.refresh(project) }
        : undefined
    },
  })
}
