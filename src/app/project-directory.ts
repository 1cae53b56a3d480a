import type { ProjectDirectory } from '../http/project-directory.ts'
import type { Project } from '../model/project.ts'
import type { Store } from '../store/store.ts'
import type { Mirrors } from './mirrors.ts'
import type { ServedProject } from './served-project.ts'
import { withStoredVariables } from './stored-variables.ts'

/** The projects that are served, which may change while the daemon runs. */
export interface LiveDirectory extends ProjectDirectory {
  /** Makes these the served ones. Those that leave are still known: what runs of them goes on. */
  serve(projects: readonly ServedProject[]): void
  /** A project that is served, or was. */
  known(id: number): Project | undefined
  /** GitLab: a path is found whatever its case. */
  named(fullPath: string): Project | undefined
  /** The folders of all that were served: no job may see another project's files. */
  paths(): string[]
}

export function makeDirectory(store: Store, mirrors: Mirrors): LiveDirectory {
  const known = new Map<number, Project>()
  let served: readonly Project[] = []
  let byName = new Map<string, Project>()
  let refreshOf = new Map<number, () => Promise<void>>()

  return {
    serve(projects) {
      mirrors.serve(projects)
      served = projects.map(({ project }) =>
        withStoredVariables(
          { ...project, createdAt: store.projects.find(project.id)?.createdAt ?? 0 },
          store,
        ),
      )
      byName = new Map(served.map((project) => [project.name.toLowerCase(), project]))
      refreshOf = new Map(projects.map(({ project, refresh }) => [project.id, refresh]))
      for (const project of served) known.set(project.id, project)
    },
    known: (id) => known.get(id),
    named: (fullPath) => byName.get(fullPath.toLowerCase()),
    paths: () => [...known.values()].map(({ path }) => path),
    // GitLab: all digits is a number, anything with a slash a full path, whose case counts only where two differ in nothing else.
    find: (ref) =>
      /^\d+$/.test(ref)
        ? served.find(({ id }) => id === Number(ref))
        : (served.find(({ name }) => name === ref) ?? byName.get(ref.toLowerCase())),
    all: () => served,
    repository: (project) => mirrors.repository(project),
    refresh: async (project) => refreshOf.get(project.id)?.(),
  }
}
