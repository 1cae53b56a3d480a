import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Request, Start, Status } from './daemon.ts'

/** A daemon in a process of its own. */
export interface Child {
  readonly first: Status
  /** Rejects when the process dies before it answers. */
  ask(request: Request): Promise<unknown>
  status(): Promise<Status>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
  readonly isDead: () => boolean
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
  readonly ready?: Status
}

/** Nothing that is asked takes this long. */
const PATIENCE = 60_000

const running = new Set<() => void>()

/** For the end of a test that failed. */
export function killChildren(): void {
  for (const kill of running) kill()
}

export async function startChild(start: Start): Promise<Child> {
  const child = fork(join(import.meta.dirname, 'daemon.ts'), [JSON.stringify(start)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  })
  const kill = (): void => void child.kill('SIGKILL')
  running.add(kill)
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let count = 0
  let dead = false
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      dead = true
      running.delete(kill)
      for (const { reject } of waiting.values()) reject(new Error(`the daemon died: ${said}`))
      waiting.clear()
      resolve()
    })
  })

  const first = await new Promise<Status>((resolve, reject) => {
    child.on('message', ({ id, value, error, ready }: Answer) => {
      if (ready) return resolve(ready)
      const asked = waiting.get(id)
      waiting.delete(id)
      if (error === undefined) asked?.resolve(value)
      else asked?.reject(new Error(error))
    })
    void gone.then(() => reject(new Error(`the daemon did not start: ${said}`)))
  })

  function ask(request: Request): Promise<unknown> {
    const id = ++count
    return new Promise((resolve, reject) => {
      if (dead) return reject(new Error('the daemon is dead'))
      const inVain = setTimeout(() => reject(new Error(`no answer to ${JSON.stringify(request)}`)), PATIENCE)
      waiting.set(id, {
        resolve(value) {
          clearTimeout(inVain)
          resolve(value)
        },
        reject(error) {
          clearTimeout(inVain)
          reject(error)
        },
      })
      child.send({ id, request }, (error) => {
        // Whoever is killed while it is spoken to answers nothing: the end of the process says so.
        if (error && dead) reject(error)
      })
    })
  }

  return {
    first,
    ask,
    status: async () => (await ask({ do: 'status' })) as Status,
    async kill() {
      kill()
      await gone
    },
    isDead: () => dead,
  }
}
