import { dirname, join } from 'node:path'
import { gitSays } from '../../platform/git-said.ts'
import { cautionLine, noticeLine } from '../log/ansi.ts'
import type { Outcome } from '../outcome.ts'
import type { HostRepository } from '../executors/executor.ts'
import { hasGitLfs, pullLargeFiles, usesLargeFiles } from '../workspace/large-files.ts'
import { updateSubmodules } from '../workspace/submodules.ts'
import type { Build } from './build.ts'

/** Finds the folder of a project that is served, by its full path. */
export type PathOf = (project: string) => string | undefined

/** gitlab-runner: one `git lfs pull` after the checkout, where git-lfs is installed. */
export async function bringLargeFiles(
  build: Build,
  { pathOf, repository }: { readonly pathOf: PathOf; readonly repository: HostRepository },
): Promise<Outcome | undefined> {
  const { settings, workspace, log, payload, environment, end } = build
  if (settings.lfsSkipSmudge || !settings.checkout) return undefined
  const { project, folder } = workspace.slot
  const gitDir = join(folder, 'git')
  if (!(await usesLargeFiles({ project, gitDir, sha: payload.sluice.checkout_sha }))) return undefined
  if (!(await hasGitLfs())) {
    log.say(cautionLine('git-lfs is not installed here: files kept in Git LFS stay pointer files'))
    return undefined
  }
  workspace.slot.mistrust()
  const source = pathOf(payload.job_info.project_full_path)
  const { objects } = repository
  const { code, said } = await pullLargeFiles({ project, gitDir, objects, source, signal: end.script })
  log.say(said.replaceAll(project, environment.projectDir))
  return code === 0 ? undefined : (end.outcome() ?? scriptFailed(code))
}

/** What `GIT_SUBMODULE_STRATEGY` asks for. Undefined: it is done, or was not wanted. */
export async function setUpSubmodules(build: Build, pathOf: PathOf): Promise<Outcome | undefined> {
  const { settings, log, workspace, payload, environment, end } = build
  const { strategy, paths } = settings.submodules
  if (strategy === 'none') {
    log.say(noticeLine('Skipping Git submodules setup'))
    return undefined
  }
  if (strategy === 'invalid') return { kind: 'system_failure', message: 'unknown GIT_SUBMODULE_STRATEGY' }
  if (paths.includes(':(exclude)'))
    return {
      kind: 'system_failure',
      message: `GIT_SUBMODULE_PATHS: invalid submodule pathspec [${paths.map((path) => JSON.stringify(path)).join(' ')}]`,
    }
  const source = pathOf(payload.job_info.project_full_path)
  // What git writes below here is to be looked at again, and `.git` is no longer as we wrote it.
  workspace.slot.mistrust()
  const code = await updateSubmodules({
    project: workspace.slot.project,
    shownAs: environment.projectDir,
    store: join(dirname(workspace.slot.folder), 'modules'),
    source,
    remote: (await remoteOf(source)) ?? source,
    fullPath: payload.job_info.project_full_path,
    pathOf,
    settings: settings.submodules,
    cleanFlags: settings.cleanFlags,
    largeFiles: !settings.lfsSkipSmudge,
    signal: end.script,
    say: (text) => log.say(text),
    notice: (text) => log.say(noticeLine(text)),
    caution: (text) => log.say(cautionLine(text)),
  })
  return code === 0 ? undefined : (end.outcome() ?? scriptFailed(code))
}

/** What the user's own repository calls its remote; undefined: it has none. */
async function remoteOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  const { code, said } = await gitSays({
    place: { kind: 'work-tree', folder: path },
    args: ['config', '--get', 'remote.origin.url'],
  })
  const url = said.trim()
  return code === 0 && url !== '' ? url : undefined
}

function scriptFailed(code: number): Outcome {
  return { kind: 'script_failed', exit: { kind: 'exited', code: code > 0 ? code : 1 } }
}
