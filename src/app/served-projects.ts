import { join } from 'node:path'
import { findWorkTree } from '../platform/work-tree.ts'
import type { Diagnostic } from '../shared/diagnostic.ts'
import type { ProjectKind, ProjectSettings, RepositoryKind, Settings } from '../settings/settings.ts'
import { currentBranch, readBranches } from './branches.ts'
import { folderSnapshots } from './folder-snapshots.ts'
import { CONFIG_PATH, type ProjectObjects, type ServedProject } from './served-project.ts'

/** What keeps each of them closed, where its path is written. One whose path is not there has been named when the file was read. */
export function closedProblems(closed: readonly ClosedProject[]): Diagnostic[] {
  return closed.flatMap(({ project: { kind, name, path, location }, reason }) =>
    kind === 'missing'
      ? []
      : [
          {
            severity: 'warning',
            code: 'config.unusable_repository',
            message: `${name}: ${path} cannot be opened: ${reason}`,
            location,
          },
        ],
  )
}

/** Makes the projects of a configuration ready to be served. */
export interface ProjectOpener {
  /**
   * All projects, plain folders as snapshots of today; the state folder must be there. One that was opened before and is the
   * same costs nothing.
   */
  open(settings: Settings): Promise<OpenedProjects>
}

export interface OpenedProjects {
  /** All of them: one whose repository cannot be opened is served without any ref. */
  readonly projects: readonly ServedProject[]
  readonly closed: readonly ClosedProject[]
}

/** A project whose repository cannot be opened at the moment. */
export interface ClosedProject {
  readonly project: ProjectSettings
  /** A sentence without a point, often git's. */
  readonly reason: string
}

/** What is known of a project once its repository was looked at. */
interface Opened {
  readonly kind: ProjectKind
  readonly repository: string
  readonly defaultBranch: string
  readonly objects: ProjectObjects
  refresh(): Promise<void>
}

/** Each is looked at by processes of git: hundreds at a time would only fill the memory. */
const AT_ONCE = 16

const GONE = 'is not there'

export function projectOpener(stateDir: string): ProjectOpener {
  const known = new Map<string, Opened>()

  /** One that is away keeps what was known of it, so that all goes on when it is back. */
  async function openOnce(project: ProjectSettings): Promise<Opened> {
    const key = JSON.stringify([project.id, project.path, project.defaultBranch])
    const before = known.get(key)
    if (before && (project.kind === 'missing' || project.kind === before.kind)) return before
    if (project.kind === 'missing') throw new Error(GONE)
    const opened = await open(project, project.kind, stateDir)
    known.set(key, opened)
    return opened
  }

  async function look(
    project: ProjectSettings,
    settings: Settings,
  ): Promise<{ readonly served: ServedProject; readonly closed?: ClosedProject }> {
    try {
      const opened = served(project, await openOnce(project), settings)
      return project.kind === 'missing'
        ? { served: opened, closed: { project, reason: GONE } }
        : { served: opened }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { served: served(project, away(project, stateDir), settings), closed: { project, reason } }
    }
  }

  return {
    async open(settings) {
      const looks: Awaited<ReturnType<typeof look>>[] = []
      for (let at = 0; at < settings.projects.length; at += AT_ONCE) {
        const some = settings.projects.slice(at, at + AT_ONCE)
        looks.push(...(await Promise.all(some.map((project) => look(project, settings)))))
      }
      return {
        projects: looks.map((each) => each.served),
        closed: looks.flatMap(({ closed }) => closed ?? []),
      }
    },
  }
}

function served(
  project: ProjectSettings,
  { repository, defaultBranch, objects, refresh }: Opened,
  settings: Settings,
): ServedProject {
  const { id, name, path, variables, triggers } = project
  const members = new Map(
    settings.users.flatMap((user) => {
      const role = user.projects.get(id)
      return role ? [[user.username, role] as const] : []
    }),
  )
  const configPath = project.configPath ?? CONFIG_PATH
  const snapshots = project.watch.workingTree && objects.kind === 'mirrored'
  return {
    project: {
      id,
      name,
      path,
      variables,
      configPath,
      repository,
      defaultBranch,
      triggerVariables: project.triggerVariables,
      ...(project.jobTokenAllowlist ? { jobTokenAllowlist: project.jobTokenAllowlist } : {}),
    },
    members,
    triggers,
    refresh,
    objects: snapshots ? { ...objects, snapshots: true } : objects,
  }
}

/** A project whose repository cannot be read. Pipelines that began go on from the mirror. */
function away({ id, path, defaultBranch }: ProjectSettings, stateDir: string): Opened {
  return {
    kind: 'missing',
    repository: path,
    defaultBranch: defaultBranch ?? 'main',
    objects: { kind: 'mirrored', mirror: mirrorOf(stateDir, id) },
    refresh: () => Promise.resolve(),
  }
}

async function open(project: ProjectSettings, kind: RepositoryKind, stateDir: string): Promise<Opened> {
  const { id, path } = project
  if (kind === 'folder') {
    const repository = join(stateDir, 'repositories', `${id}.git`)
    const defaultBranch = project.defaultBranch ?? 'main'
    const refresh = folderSnapshots(path, repository, defaultBranch)
    await refresh()
    return { kind, repository, defaultBranch, objects: { kind: 'ours' }, refresh }
  }
  const { gitDir, branch } = await locate(kind, path)
  return {
    kind,
    repository: gitDir,
    defaultBranch: project.defaultBranch ?? (await readBranches(gitDir, branch)).defaultBranch,
    objects: { kind: 'mirrored', mirror: mirrorOf(stateDir, id) },
    refresh: () => Promise.resolve(),
  }
}

/** Sluice's own repository of a project. */
export function mirrorOf(stateDir: string, projectId: number): string {
  return join(stateDir, 'mirrors', `${projectId}.git`)
}

async function locate(
  kind: 'work-tree' | 'bare',
  path: string,
): Promise<{ readonly gitDir: string; readonly branch: string | null }> {
  if (kind === 'bare') return { gitDir: path, branch: await currentBranch(path) }
  const tree = await findWorkTree(path)
  if (!tree) throw new Error('is not a git repository any more')
  return tree
}
