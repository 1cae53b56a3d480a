import { join } from 'node:path'
import { findWorkTree } from '../platform/work-tree.ts'
import type { ProjectSettings, Settings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { currentBranch, readBranches } from './branches.ts'
import { folderSnapshots } from './folder-snapshots.ts'
import { CONFIG_PATH, type ProjectObjects, type ServedProject } from './served-project.ts'

/** Makes the projects of a configuration ready to be served. */
export interface ProjectOpener {
  /**
   * All projects, plain folders as snapshots of today; the state folder must be there. One that was opened before and is the
   * same costs nothing. The error is a sentence with the project's name.
   */
  open(settings: Settings): Promise<Result<readonly ServedProject[], string>>
}

/** What is known of a project once its repository was looked at. */
interface Opened {
  readonly repository: string
  readonly defaultBranch: string
  readonly objects: ProjectObjects
  refresh(): Promise<void>
}

/** Each is looked at by processes of git: hundreds at a time would only fill the memory. */
const AT_ONCE = 16

export function projectOpener(stateDir: string): ProjectOpener {
  const known = new Map<string, Opened>()

  async function openOnce(project: ProjectSettings): Promise<Opened> {
    const key = JSON.stringify([project.id, project.kind, project.path, project.defaultBranch])
    const opened = known.get(key) ?? (await open(project, stateDir))
    known.set(key, opened)
    return opened
  }

  return {
    async open(settings) {
      const opened: Awaited<ReturnType<typeof served>>[] = []
      for (let at = 0; at < settings.projects.length; at += AT_ONCE) {
        const some = settings.projects.slice(at, at + AT_ONCE)
        opened.push(...(await Promise.all(some.map((project) => served(project, settings, openOnce)))))
      }
      const projects: ServedProject[] = []
      for (const project of opened) {
        if (!project.ok) return project
        projects.push(project.value)
      }
      return ok(projects)
    },
  }
}

async function served(
  project: ProjectSettings,
  settings: Settings,
  openOnce: (project: ProjectSettings) => Promise<Opened>,
): Promise<Result<ServedProject, string>> {
  const { id, name, path, variables, triggers } = project
  const members = new Map(
    settings.users.flatMap((user) => {
      const role = user.projects.get(id)
      return role ? [[user.username, role] as const] : []
    }),
  )
  try {
    const { repository, defaultBranch, ...opened } = await openOnce(project)
    const configPath = project.configPath ?? CONFIG_PATH
    return ok({
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
      ...opened,
      ...(project.watch.workingTree && opened.objects.kind === 'mirrored'
        ? { objects: { ...opened.objects, snapshots: true } }
        : {}),
    })
  } catch (error) {
    return err(`${name} (${path}): ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function open(project: ProjectSettings, stateDir: string): Promise<Opened> {
  const { id, path } = project
  if (project.kind === 'folder') {
    const repository = join(stateDir, 'repositories', `${id}.git`)
    const defaultBranch = project.defaultBranch ?? 'main'
    const refresh = folderSnapshots(path, repository, defaultBranch)
    await refresh()
    return { repository, defaultBranch, objects: { kind: 'ours' }, refresh }
  }
  const { gitDir, branch } = await locate(project)
  return {
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

async function locate({
  kind,
  path,
}: ProjectSettings): Promise<{ readonly gitDir: string; readonly branch: string | null }> {
  if (kind === 'bare') return { gitDir: path, branch: await currentBranch(path) }
  const tree = await findWorkTree(path)
  if (!tree) throw new Error('is not a git repository any more')
  return tree
}
