import type { CommandContext } from '../context.ts'
import type { RemoteFlags } from '../daemon/command.ts'
import { renderFailure } from '../failure.ts'
import type { RunAppFlags } from '../run-app.ts'
import { actOnDaemon } from './on-daemon.ts'
import { chooseTarget } from './target.ts'

/** What is done with a job, or with a pipeline. */
export type Verb = 'retry' | 'play' | 'cancel'

/** The options of `retry`, `play` and `cancel`; each has its part of them. */
export interface JobFlags extends Omit<RemoteFlags, 'cwd' | 'json'>, RunAppFlags {
  /** The number is a pipeline's. */
  readonly pipeline: boolean
  readonly variable: Readonly<Record<string, string>>
  readonly force: boolean
  readonly wait: boolean
}

/** What is asked for. */
export interface Deed {
  readonly verb: Verb
  readonly id: number
  readonly flags: JobFlags
}

/** `sluice retry|play|cancel ID`: in a daemon, or in the state folder of this repository's `sluice run`. */
export async function jobCommand(deed: Deed, context: CommandContext): Promise<number> {
  const target = await chooseTarget(deed, context)
  if (!target.ok) {
    context.err(renderFailure(target.error))
    return target.error.exitCode
  }
  if (target.value === 'daemon') return actOnDaemon(deed, context)
  // What only a run needs is loaded for a run.
  const { actOnRun } = await import('./on-run.ts')
  return actOnRun(deed, context)
}
