import type { Look } from '../app/live-settings.ts'
import type { OpenedProjects } from '../app/served-projects.ts'
import type { Settings, SettingsProblem } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { byPosition } from '../shared/source-text.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { renderFailure, type Failure } from './failure.ts'
import type { ServeLog } from './serve-log.ts'

/**
 * What a daemon that starts leaves out of its configuration. The failure: nothing is left to serve, and nothing ever was, so
 * that somebody made a mistake and no disk is missing.
 */
export function startingWith(
  { leftOut }: Settings,
  { projects, closed, problems }: OpenedProjects,
  isKnown: (projectId: number) => boolean,
): Result<SettingsProblem, Failure> {
  const diagnostics = [...leftOut.diagnostics, ...problems].toSorted(byPosition)
  const wasServed = projects.some(({ project }) => isKnown(project.id))
  if (projects.length > 0 && closed.length === projects.length && !wasServed) {
    const errors = diagnostics.map((each) => ({ ...each, severity: 'error' as const }))
    return err({ exitCode: EXIT.usage, problems: errors, sources: leftOut.sources })
  }
  return ok({ diagnostics, sources: leftOut.sources })
}

/** Tells what is left out: with code frames who started the daemon, in a line the log. */
export function tellLeftOut(
  file: string,
  { diagnostics, sources }: SettingsProblem,
  log: Pick<ServeLog, 'warn'>,
  context: Pick<CommandContext, 'err'>,
): void {
  const [first] = diagnostics
  if (!first) return
  context.err(renderFailure({ problems: diagnostics, sources }))
  const place = first.location ? `:${first.location.line}:${first.location.column}` : ''
  const others = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : ''
  log.warn(`${file}${place}: ${first.message}${others}; everything else is served`)
}

/** A look at the configuration, as a terminal shows it and the log keeps it. */
export interface LookText {
  readonly level: 'warn' | 'tell'
  readonly line: string
  /** Code frames; empty when nothing is wrong. */
  readonly frames: string
}

export function lookText(file: string, look: Look): LookText {
  if (look.kind === 'kept') return { level: 'warn', line: look.text, frames: '' }
  const problem = look.kind === 'refused' ? look.problem : look.leftOut
  const frames = renderFailure({ problems: problem.diagnostics, sources: problem.sources })
  return look.kind === 'taken'
    ? { level: 'tell', line: look.text, frames }
    : { level: 'warn', line: `${file} is not valid; the configuration stays as it was`, frames }
}
