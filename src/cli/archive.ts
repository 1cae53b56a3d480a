import { openArchive, type App } from '../app.ts'
import { err, type Result } from '../shared/result.ts'
import { appFailure } from './app-failure.ts'
import type { CommandContext } from './context.ts'
import { usageFailure, type Failure } from './failure.ts'
import { findRepository } from './repository.ts'
import { foldersOf } from './state-folder.ts'

/** Which state folder a command reads: the one named, a configuration file's, or the repository's. */
export interface ArchiveFlags {
  readonly cwd: string
  readonly config?: string
  readonly state?: string
}

export type Archive = App['store']

/** Opens what earlier runs left. */
export async function readArchive(
  flags: ArchiveFlags,
  { env }: CommandContext,
): Promise<Result<Archive, Failure>> {
  const stateDir = await stateDirOf(flags, env)
  if (!stateDir.ok) return stateDir
  const store = openArchive(stateDir.value)
  if (!store)
    return err(
      usageFailure(
        'state.empty',
        `nothing has run here yet: there is no ${stateDir.value}`,
        'run something: sluice run',
      ),
    )
  return store.ok ? store : err(appFailure(store.error, stateDir.value))
}

async function stateDirOf(
  { cwd, config, state }: ArchiveFlags,
  env: NodeJS.ProcessEnv,
): Promise<Result<string, Failure>> {
  if (state !== undefined) return { ok: true, value: foldersOf(cwd, state, env).stateDir }
  if (config !== undefined) {
    const { loadSettings } = await import('./load-settings.ts')
    const settings = loadSettings(config, env)
    return settings.ok
      ? {
          ok: true,
          value: foldersOf(settings.value.path, settings.value.settings.state ?? undefined, env).stateDir,
        }
      : settings
  }
  const tree = await findRepository(cwd)
  return tree.ok ? { ok: true, value: foldersOf(tree.value.root, undefined, env).stateDir } : tree
}
