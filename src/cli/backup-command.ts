import { resolve } from 'node:path'
import { backUp } from '../app/backup.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { failure, renderFailure, type Failure } from './failure.ts'
import { servedState, type StateFlags } from './served-state.ts'

export interface BackupFlags extends StateFlags {
  readonly withFiles: boolean
  readonly json: boolean
}

/** `sluice backup`: one file with the state folder as it is now. */
export async function backupCommand(
  target: string | undefined,
  flags: BackupFlags,
  context: CommandContext,
): Promise<number> {
  const outcome = await makeBackup(target, flags, context)
  if (outcome.ok) return EXIT.success
  context.err(renderFailure(outcome.error))
  return outcome.error.exitCode
}

async function makeBackup(
  target: string | undefined,
  flags: BackupFlags,
  context: CommandContext,
): Promise<Result<true, Failure>> {
  const state = servedState(flags, context)
  if (!state.ok) return state
  // A slash at the end asks for a folder; `resolve` would take it away.
  const named = target === undefined ? {} : { target: `${resolve(target)}${target.endsWith('/') ? '/' : ''}` }
  try {
    const made = await backUp({
      ...named,
      stateDir: state.value,
      withFiles: flags.withFiles,
      version: context.version,
      now: Date.now(),
    })
    if (!made.ok) return err(failure(EXIT.machine, 'backup.failed', made.error))
    const { file, bytes, files } = made.value
    context.out(
      flags.json
        ? `${JSON.stringify({ schema: 1, file, bytes, files })}\n`
        : `${file}   ${bytes} bytes${flags.withFiles ? `, ${files} logs and artifacts` : ''}\nIt holds the key of this state folder: keep it where only you can read it.\n`,
    )
    return ok(true)
  } catch (error) {
    return err(failure(EXIT.machine, 'backup.failed', error instanceof Error ? error.message : String(error)))
  }
}
