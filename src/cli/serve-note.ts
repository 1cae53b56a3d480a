import type { Look } from '../app/live-settings.ts'
import { writeDaemonNote, type NotedLook, type NotedProject } from '../platform/daemon-note.ts'
import type { CommandContext } from './context.ts'
import { lookText } from './serve-configuration.ts'
import type { ServeLog } from './serve-log.ts'

export interface NoteOptions {
  readonly url: string
  readonly stateDir: string
  /** The configuration file. */
  readonly config: string
  readonly projects: () => readonly NotedProject[]
  readonly log: Pick<ServeLog, 'warn' | 'tell'>
  readonly context: Pick<CommandContext, 'env' | 'err'>
}

/** Writes where commands look that the daemon runs, and what each look at its configuration comes to. */
export function noteDaemon({ projects, log, context, ...place }: NoteOptions): (look: Look) => void {
  let looks = 0
  const write = (configuration: Omit<NotedLook, 'looks'>): void => {
    const served = projects().map(({ id, name, path }) => ({ id, name, path }))
    writeDaemonNote({ ...place, projects: served, configuration: { looks, ...configuration } }, context.env)
  }
  write({ isTaken: true, text: '' })
  return (look) => {
    const { level, line, frames } = lookText(place.config, look)
    context.err(frames)
    log[level](line)
    looks += 1
    try {
      write({ isTaken: look.kind === 'taken', text: `${frames}${line}\n` })
    } catch (error) {
      // A disk that is full: whoever asked for the look waits in vain, and the daemon goes on.
      log.warn(`what became of it could not be noted: ${String(error)}`)
    }
  }
}
