import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { runningDaemons } from '../platform/daemon-note.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { CommandContext } from './context.ts'
import { usageFailure, type Failure } from './failure.ts'
import { loadSettings } from './load-settings.ts'
import { foldersOf } from './state-folder.ts'

export interface StateFlags {
  readonly state?: string
  readonly config?: string
}

/** The state folder that is named, that of the configuration named or lying here, or that of the one daemon that runs. */
export function servedState(
  { state, config }: StateFlags,
  { env }: Pick<CommandContext, 'env'>,
): Result<string, Failure> {
  if (state !== undefined) return ok(resolve(state))
  const file = config ?? (existsSync('runner.config.yaml') ? 'runner.config.yaml' : undefined)
  if (file !== undefined) {
    const loaded = loadSettings(file, env)
    if (loaded.ok)
      return ok(foldersOf(loaded.value.path, loaded.value.settings.state ?? undefined, env).stateDir)
    return loaded
  }
  const daemons = runningDaemons(env)
  const [only, ...others] = daemons
  if (only && others.length === 0) return ok(only.stateDir)
  const running = daemons.map(({ stateDir }) => stateDir).join(', ')
  return err(
    usageFailure(
      'state.unnamed',
      only
        ? `which state folder? daemons run on ${running}`
        : 'which state folder? no daemon runs, and there is no runner.config.yaml here',
      'name it with --state DIR, or its configuration with --config FILE',
    ),
  )
}
