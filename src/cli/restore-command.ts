import { resolve } from 'node:path'
import { restore } from '../app/restore.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { failure, renderFailure } from './failure.ts'
import { servedState, type StateFlags } from './served-state.ts'

export interface RestoreFlags extends StateFlags {
  readonly force: boolean
}

/** `sluice restore FILE`: makes a state folder from a backup. */
export async function restoreCommand(
  file: string,
  flags: RestoreFlags,
  context: CommandContext,
): Promise<number> {
  const state = servedState(flags, context)
  if (!state.ok) {
    context.err(renderFailure(state.error))
    return state.error.exitCode
  }
  try {
    const options = { file: resolve(file), stateDir: state.value, force: flags.force, now: Date.now() }
    const restored = await restore(options)
    if (!restored.ok) {
      const { kind, message } = restored.error
      context.err(renderFailure(failure(EXIT.machine, `restore.${kind}`, message)))
      return EXIT.machine
    }
    const { stateDir, before, madeAt, schedules } = restored.value
    context.out(`${stateDir} is restored${madeAt === null ? '' : ` as it was at ${madeAt}`}\n`)
    if (before !== null) context.out(`What was there is in ${before}\n`)
    if (schedules > 0)
      context.out(
        `${schedules} schedules go on with their next time; what passed meanwhile may have run already\n`,
      )
    context.out('The next start of `sluice serve` makes a new access token; the old one is valid no more.\n')
    return EXIT.success
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    context.err(renderFailure(failure(EXIT.machine, 'restore.failed', message)))
    return EXIT.machine
  }
}
