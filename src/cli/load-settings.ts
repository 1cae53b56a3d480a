import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readSettings } from '../settings/read.ts'
import type { Settings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { EXIT } from './exit-code.ts'
import { usageFailure, type Failure } from './failure.ts'

/** Reads a `runner.config.yaml`. A mistake in it is wrong use (2): 3 is for CI files. */
export function loadSettings(
  file: string,
  env: NodeJS.ProcessEnv,
): Result<{ readonly path: string; readonly settings: Settings }, Failure> {
  const path = resolve(file)
  if (!existsSync(path))
    return err(usageFailure('config.missing', `${path} does not exist`, '`--config FILE` names another'))
  const settings = readSettings(path, env)
  if (settings.ok) return ok({ path, settings: settings.value })
  return err({ exitCode: EXIT.usage, problems: settings.error.diagnostics, sources: settings.error.sources })
}
