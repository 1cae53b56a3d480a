// What systemd wants to hear of a service of Type=notify. Node has no datagram sockets of the unix kind, so systemd's own program
// speaks for us; the unit says NotifyAccess=all for that.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Clock } from './clock.ts'

export interface ServiceNotice {
  ready(status: string): void
  /** Between this and the next `ready` the configuration is read anew. */
  reloading(): void
  /** Resolves when it was said. */
  stopping(): Promise<void>
}

const PROGRAMS = ['/usr/bin/systemd-notify', '/bin/systemd-notify']

/**
 * Speaks to the service manager that started us, and tells it twice in each watchdog interval that we live, from the event loop: one that
 * hangs is silent. Nothing is done where nobody listens.
 */
export function serviceNotice(env: NodeJS.ProcessEnv, clock: Clock, program = findProgram()): ServiceNotice {
  const socket = env['NOTIFY_SOCKET']
  if (socket === undefined || socket === '' || program === undefined) return SILENT
  let cancelWatchdog: (() => void) | undefined
  const say = (...words: string[]): Promise<void> =>
    new Promise((resolve) => {
      const child = spawn(program, words, {
        env: { NOTIFY_SOCKET: socket, PATH: '/usr/bin:/bin' },
        stdio: 'ignore',
      })
      child.on('error', () => resolve())
      child.on('close', () => resolve())
    })

  function watchdog(): void {
    const every = intervalOf(env)
    if (every === undefined) return
    const next = (): void => {
      cancelWatchdog = clock.after(every, () => {
        void say('WATCHDOG=1')
        next()
      })
    }
    next()
  }

  return {
    ready(status) {
      void say('READY=1', `STATUS=${status}`)
      if (!cancelWatchdog) watchdog()
    },
    reloading: () => void say('RELOADING=1'),
    stopping() {
      cancelWatchdog?.()
      return say('STOPPING=1')
    },
  }
}

/** sd_watchdog_enabled(3): microseconds, meant for one process; half of it is to be kept. */
function intervalOf(env: NodeJS.ProcessEnv): number | undefined {
  const pid = env['WATCHDOG_PID']
  const microseconds = Number(env['WATCHDOG_USEC'])
  if (!(microseconds > 0) || (pid !== undefined && Number(pid) !== process.pid)) return undefined
  return Math.max(1, Math.floor(microseconds / 2000))
}

function findProgram(): string | undefined {
  return PROGRAMS.find((path) => existsSync(path))
}

const SILENT: ServiceNotice = {
  ready: () => undefined,
  reloading: () => undefined,
  stopping: () => Promise.resolve(),
}
