// The built program as its users start it, with a home folder of its own.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { temporaryFolder } from './git.ts'

const PROGRAM = join(import.meta.dirname, '../../dist/main.js')

export interface Finished {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  /** What it has written so far. */
  output(): string
  /** Resolves with the match as soon as its output has it; rejects when the program ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  signal(name: NodeJS.Signals): void
  /** Writes to its standard input, when it was started with `typing`. */
  type(text: string): void
  /** Closes the pipe of its standard output, as `| head` does. */
  stopReading(): void
  readonly ended: Promise<Finished>
}

export interface SluiceOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Its standard input is a pipe; otherwise it is empty. */
  readonly typing?: boolean
}

/** A home that no test has used: state and caches lie below it. */
export interface Home {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

export function makeHome(): Home {
  const folder = temporaryFolder('sluice-home-')
  return {
    folder,
    env: {
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      LANG: 'C.UTF-8',
    },
  }
}

const running = new Set<number>()
afterEach(() => {
  for (const pid of running) process.kill(pid, 'SIGKILL')
  running.clear()
})

/** Starts the program in a home; what still runs when a test ends is killed. */
export function startSluice(home: Home, args: readonly string[], options: SluiceOptions = {}): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd ?? home.folder,
    env: { ...home.env, ...options.env },
    stdio: [options.typing ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('node could not be started')
  running.add(pid)
  let stdout = ''
  let stderr = ''
  const listeners = new Set<() => void>()
  const heard = (): void => {
    for (const listener of listeners) listener()
  }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    heard()
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    heard()
  })
  const ended = new Promise<Finished>((resolve) => {
    child.on('close', (code) => {
      running.delete(pid)
      resolve({ code, stdout, stderr })
    })
  })
  return {
    pid,
    output: () => stdout + stderr,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout + stderr)
          if (!match) return
          listeners.delete(look)
          resolve(match)
        }
        listeners.add(look)
        look()
        void ended.then(() =>
          reject(new Error(`the program ended without saying ${String(pattern)}:\n${stdout}${stderr}`)),
        )
      })
    },
    signal: (name) => void process.kill(pid, name),
    type: (text) => void child.stdin?.write(text),
    stopReading: () => void child.stdout?.destroy(),
    ended,
  }
}

/** Runs the program to its end. */
export function sluice(home: Home, args: readonly string[], options: SluiceOptions = {}): Promise<Finished> {
  return startSluice(home, args, options).ended
}
