import { join } from 'node:path'
import { explainRefusal, isForeign, whyRefused, type GitRefusal } from '../platform/git-refusal.ts'
import { findWorkTree } from '../platform/work-tree.ts'
import type { Diagnostic } from '../shared/diagnostic.ts'
import type { ProjectKind, ProjectSettings, RepositoryKind, Settings } from '../settings/settings.ts'
import { currentBranch, readBranches } from './branches.ts'
import { folderSnapshots } from './folder-snapshots.ts'
import { CONFIG_PATH, type ProjectObjects, type ServedProject } from './served-project.ts'

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
  /** Those that cannot be opened at the moment. */
  readonly closed: readonly ProjectSettings[]
  /** What is wrong with repositories, where their paths are written. One that is not there was named when the file was read. */
  readonly problems: readonly Diagnostic[]
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

export function projectOpener(stateDir: string): ProjectOpener {
  const known = new Map<string, Opened>()

  /** One that is away keeps what was known of it, so that all goes on when it is back. */
  async function openOnce(project: ProjectSettings): Promise<Opened> {
    const key = JSON.stringify([project.id, project.path, project.defaultBranch])
    const before = known.get(key)
    if (before && (project.kind === 'missing' || project.kind === before.kind)) return before
    if (project.kind === 'missing') throw new Error('is not there')
    const opened = await open(project, project.kind, stateDir)
    known.set(key, opened)
    return opened
  }

  async function look(project: ProjectSettings, settings: Settings): Promise<Look> {
    try {
      const found = await openOnce(project)
      // Its refs are followed again only by who waits for it.
      const opened = project.kind !== 'missing'
      return { project, opened, served: served(project, found, settings), refusal: await doubt(project) }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const refusal = project.kind === 'missing' ? undefined : explainRefusal(message, project.path)
      return { project, opened: false, served: served(project, away(project, stateDir), settings), refusal }
    }
  }

  return {
    async open(settings) {
      const looks: Look[] = []
      for (let at = 0; at < settings.projects.length; at += AT_ONCE) {
        const some = settings.projects.slice(at, at + AT_ONCE)
        looks.push(...(await Promise.all(some.map((project) => look(project, settings)))))
      }
      return {
        projects: looks.map((each) => each.served),
        closed: looks.flatMap(({ opened, project }) => (opened ? [] : [project])),
        problems: looks.flatMap((each) => problemOf(each) ?? []),
      }
    },
  }
}

interface Look {
  readonly project: ProjectSettings
  readonly opened: boolean
  readonly served: ServedProject
  readonly refusal: GitRefusal | undefined
}

/** Who names a git directory is not asked by git whose it is. It is served, and its owner should be known. */
async function doubt({ kind, path }: ProjectSettings): Promise<GitRefusal | undefined> {
  return kind === 'bare' && isForeign(path) ? whyRefused(path) : undefined
}

function problemOf({ project, opened, refusal }: Look): Diagnostic | undefined {
  if (!refusal) return undefined
  const { name, path, location } = project
  return {
    severity: 'warning',
    code: opened ? 'config.foreign_repository' : 'config.unusable_repository',
    message: `${name}: ${path} ${opened ? 'is served all the same' : 'cannot be opened'}: ${refusal.reason}`,
    location,
    ...(refusal.help === null ? {} : { help: refusal.help }),
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
