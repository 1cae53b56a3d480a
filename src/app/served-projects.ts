import { join } from 'node:path'
import { findWorkTree } from '../platform/work-tree.ts'
import type { ProjectSettings, Settings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { currentBranch, readBranches } from './branches.ts'
import { folderSnapshots } from './folder-snapshots.ts'
import { CONFIG_PATH, type ServedProject } from './served-project.ts'

/** The projects of a configuration, plain folders as snapshots of today; the state folder must be there. The error is a sentence with the project's name. */
export async function openProjects(
  settings: Settings,
  stateDir: string,
): Promise<Result<readonly ServedProject[], string>> {
  const opened = await Promise.all(settings.projects.map((project) => tryOpen(project, settings, stateDir)))
  const projects: ServedProject[] = []
  for (const project of opened) {
    if (!project.ok) return project
    projects.push(project.value)
  }
  return ok(projects)
}

async function tryOpen(
  project: ProjectSettings,
  settings: Settings,
  stateDir: string,
): Promise<Result<ServedProject, string>> {
  try {
    return ok(await open(project, settings, stateDir))
  } catch (error) {
    return err(`${project.name} (${project.path}): ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function open(project: ProjectSettings, settings: Settings, stateDir: string): Promise<ServedProject> {
  const { id, name, path, variables, triggers } = project
  const about = { id, name, path, variables, configPath: CONFIG_PATH }
  const members = new Map(
    settings.users.flatMap((user) => {
      const role = user.projects.get(id)
      return role ? [[user.username, role] as const] : []
    }),
  )
  if (project.kind === 'folder') {
    const repository = join(stateDir, 'repositories', `${id}.git`)
    const defaultBranch = project.defaultBranch ?? 'main'
    const refresh = folderSnapshots(path, repository, defaultBranch)
    await refresh()
    return {
      project: { ...about, repository, defaultBranch },
      objects: { kind: 'ours' },
      members,
      triggers,
      refresh,
    }
  }
  const { gitDir, branch } = await locate(project)
  const defaultBranch = project.defaultBranch ?? (await readBranches(gitDir, branch)).defaultBranch
  const mirror = join(stateDir, 'mirrors', `${id}.git`)
  return {
    project: { ...about, repository: gitDir, defaultBranch },
    objects: { kind: 'mirrored', mirror },
    members,
    triggers,
    refresh: () => Promise.resolve(),
  }
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
