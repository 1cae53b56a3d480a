import type { CommandContext } from './context.ts'
import { done } from './daemon/command.ts'
import { findDaemonNote, type DaemonFlags } from './daemon/find-daemon.ts'
import { EXIT } from './exit-code.ts'
import { failure, renderFailure } from './failure.ts'
import { loadSettings } from './load-settings.ts'

export interface ReloadFlags extends DaemonFlags {
  readonly json?: boolean
}

/** `sluice reload`: checks the configuration, and has the daemon read it anew. What came of it stands in the daemon's log. */
export function reloadCommand(flags: ReloadFlags, context: CommandContext): number {
  const note = findDaemonNote(flags, context)
  // A file with a mistake would be refused there, where nobody may be looking.
  const settings = note.ok ? loadSettings(note.value.config, context.env) : note
  if (!note.ok || !settings.ok) {
    const problem = note.ok ? (settings.ok ? undefined : settings.error) : note.error
    context.err(problem ? renderFailure(problem) : '')
    return problem?.exitCode ?? EXIT.refused
  }
  const { config, process: daemon } = note.value
  try {
    process.kill(daemon.pid, 'SIGHUP')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    context.err(
      renderFailure(failure(EXIT.refused, 'daemon.signal', `process ${daemon.pid} cannot be told: ${why}`)),
    )
    return EXIT.refused
  }
  const text = `process ${daemon.pid} reads ${config} anew\n`
  done(context, flags, { schema: 1, pid: daemon.pid, config }, text)
  return EXIT.success
}
