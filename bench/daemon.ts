import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'

/** A `sluice serve` of its own: nothing of the user's state, cache or configuration is touched. */
export interface Daemon {
  readonly url: string
  readonly pid: number
  readonly stateDir: string
  /** Milliseconds from the start of the process to its ready text. */
  readonly readyAfter: number
  /** The access token of the local user. */
  readonly token: string
  /** Resolves with the next line of its output that matches; lines that came before this call do not count. */
  nextLine(wanted: RegExp): Promise<string>
  get(path: string): Promise<unknown>
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Response>
  /** What `X-Total` says of a listing. */
  total(path: string): Promise<number>
  /** Resident megabytes at the moment. */
  residentMegabytes(): number
  /** After the garbage is collected; only with `collects`. */
  calmMemory(): Promise<CalmMemory>
  /** Seconds of processor time of its own since it started; without those of its children. */
  cpuSeconds(): number
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** Megabytes, and open handles of the event loop. */
export interface CalmMemory {
  readonly rss: number
  readonly heap: number
  readonly handles: number
}

interface DaemonOptions {
  /** Whether `calmMemory` will be asked for. */
  readonly collects?: boolean
}

/** `SLUICE_BENCH_PROFILE=DIR`: a CPU profile of each daemon. */
const profile = process.env['SLUICE_BENCH_PROFILE']
const TICKS_A_SECOND = 100

/** Starts the configuration file `config`, whose state is to lie in `state` beside it; resolves when it is ready. */
export async function startDaemon(
  sluice: string,
  config: string,
  { collects = false }: DaemonOptions = {},
): Promise<Daemon> {
  const folder = join(config, '..')
  const stateDir = join(folder, 'state')
  const report = join(folder, 'calm-memory.json')
  mkdirSync(join(folder, 'xdg'), { recursive: true })
  const hook = join(import.meta.dirname, 'calm-memory.mjs')
  const flags = [
    ...(collects ? ['--expose-gc', '--import', hook] : []),
    ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
  ]
  const begun = performance.now()
  const child = spawn(process.execPath, [...flags, sluice, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      CALM_MEMORY_REPORT: report,
      XDG_STATE_HOME: join(folder, 'xdg', 'state'),
      XDG_CACHE_HOME: join(folder, 'xdg', 'cache'),
      XDG_CONFIG_HOME: join(folder, 'xdg', 'config'),
    },
  })
  const output = listen(child)
  const line = await output.next(/http:\/\/[\d.]+:\d+/)
  const readyAfter = performance.now() - begun
  const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
  const { pid } = child
  if (url === undefined || pid === undefined) throw new Error('the daemon has no address')
  const token = readFileSync(join(stateDir, 'access-token'), 'utf8').trim()
  const headers = { 'PRIVATE-TOKEN': token }

  return {
    url,
    pid,
    stateDir,
    readyAfter,
    token,
    nextLine: output.next,
    async get(path) {
      const response = await fetch(`${url}/api/v4${path}`, { headers })
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
      const body: unknown = await response.json()
      return body
    },
    post: (path, fields) =>
      fetch(`${url}/api/v4${path}`, { method: 'POST', headers, body: new URLSearchParams(fields) }),
    async total(path) {
      const response = await fetch(`${url}/api/v4${path}`, { method: 'HEAD', headers })
      return Number(response.headers.get('x-total') ?? NaN)
    },
    residentMegabytes: () => Number(/^VmRSS:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1]) / 1024,
    async calmMemory() {
      rmSync(report, { force: true })
      child.kill('SIGUSR2')
      for (;;) {
        const seen = readCalm(report)
        if (seen) return seen
        await wait(20)
      }
    },
    cpuSeconds() {
      // The name of the program, in parentheses, may hold spaces.
      const fields = readProc(pid, 'stat')
        .replace(/^.*\) /s, '')
        .split(' ')
      return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null) return
      child.kill(signal)
      await once(child, 'exit')
    },
  }
}

function readProc(pid: number, file: 'stat' | 'status'): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8')
}

function readCalm(report: string): CalmMemory | undefined {
  try {
    return JSON.parse(readFileSync(report, 'utf8')) as CalmMemory
  } catch {
    return undefined
  }
}

/** Reads the output to its end, so that the daemon never waits for us. */
function listen(child: ChildProcess): { next(wanted: RegExp): Promise<string> } {
  const { stdout } = child
  if (!stdout) throw new Error('the daemon has no output')
  const waiting = new Set<{ wanted: RegExp; found(line: string): void }>()
  let failed: ((error: Error) => void)[] = []
  createInterface({ input: stdout }).on('line', (line) => {
    for (const each of waiting) {
      if (!each.wanted.test(line)) continue
      waiting.delete(each)
      each.found(line)
    }
  })
  child.on('exit', () => {
    for (const fail of failed) fail(new Error('the daemon ended'))
    failed = []
  })
  return {
    next: (wanted) =>
      new Promise((resolve, reject) => {
        waiting.add({ wanted, found: resolve })
        failed.push(reject)
      }),
  }
}
