import { setTimeout as pause } from 'node:timers/promises'
import { daemonOf, type DaemonNote, type NotedLook } from '../platform/daemon-note.ts'
import type { CommandContext } from './context.ts'
import { done } from './daemon/command.ts'
import { findDaemonNote, type DaemonFlags } from './daemon/find-daemon.ts'
import { EXIT } from './exit-code.ts'
import { failure, renderFailure, type Failure } from './failure.ts'
import { err, ok, type Result } from '../shared/result.ts'

export interface ReloadFlags extends DaemonFlags {
  readonly json?: boolean
}

/** A file of hundreds of projects takes a fraction of it. */
const PATIENCE_MS = 30_000
const LOOK_MS = 20

/** `sluice reload`: has the daemon read its configuration anew, and says what came of it. Exit code 2: the old one stays. */
export async function reloadCommand(flags: ReloadFlags, context: CommandContext): Promise<number> {
  const note = findDaemonNote(flags, context)
  const outcome = note.ok ? await reload(note.value) : note
  if (!note.ok || !outcome.ok) {
    const problem = note.ok ? (outcome.ok ? undefined : outcome.error) : note.error
    context.err(problem ? renderFailure(problem) : '')
    return problem?.exitCode ?? EXIT.refused
  }
  const { isTaken, text } = outcome.value
  const { config, process: daemon } = note.value
  if (flags.json === true || isTaken)
    done(context, flags, { schema: 1, pid: daemon.pid, config, taken: isTaken, text: text.trimEnd() }, text)
  else context.err(text)
  return isTaken ? EXIT.success : EXIT.usage
}

/** Resolves when the daemon has looked at its configuration. */
async function reload({
  stateDir,
  process: daemon,
  configuration,
}: DaemonNote): Promise<Result<NotedLook, Failure>> {
  try {
    process.kill(daemon.pid, 'SIGHUP')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return err(failure(EXIT.refused, 'daemon.signal', `process ${daemon.pid} cannot be told: ${why}`))
  }
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    await pause(LOOK_MS)
    const note = daemonOf(stateDir)
    if (!note) return err(failure(EXIT.refused, 'daemon.none', `process ${daemon.pid} has ended`))
    if (note.configuration.looks > configuration.looks) return ok(note.configuration)
  }
  const message = `process ${daemon.pid} was told, and has not answered within ${PATIENCE_MS / 1000} s`
  return err(failure(EXIT.refused, 'daemon.slow', message, 'its log says what it does'))
}
