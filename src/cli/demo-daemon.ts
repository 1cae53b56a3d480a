import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { execa } from 'execa'
import { err, ok, type Result } from '../shared/result.ts'

/** A `sluice serve` of the demo's own, with a state folder that nobody else knows. */
export interface Daemon {
  /** Without trailing slash. */
  readonly url: string
  readonly loginLink: string
  /** GETs below /api/v4 with the daemon's access token. Rejects when it does not answer 200. */
  get(path: string): Promise<Response>
  /** Resolves when somebody wants the demo to end. */
  untilSignal(): Promise<void>
  /** Ends it with grace. */
  stop(): Promise<void>
}

export interface DaemonOptions {
  readonly entry: string
  readonly config: string
  /** For everything that it writes. */
  readonly folder: string
  readonly port: number
}

/** Starts it; resolves when it answers. The error is what it said instead. */
export async function startDaemon({
  entry,
  config,
  folder,
  port,
}: DaemonOptions): Promise<Result<Daemon, string>> {
  const state = join(folder, 'state')
  const args = [
    ...process.execArgv,
    entry,
    'serve',
    '--config',
    config,
    '--state',
    state,
    '--listen',
    `127.0.0.1:${port}`,
  ]
  const child = execa(process.execPath, args, {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    env: { XDG_CACHE_HOME: join(folder, 'cache') },
    forceKillAfterDelay: 20_000,
  })
  const signal = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve())
  })
  const complaints: string[] = []
  child.stderr.on('data', (bytes: Buffer) => complaints.push(bytes.toString()))
  const ready = await readyLines(child.stdout)
  if (!ready) {
    await child
    return err(complaints.join('').trim() || 'the daemon ended before it was ready')
  }
  const { url, loginLink } = ready
  const token = readFileSync(join(state, 'access-token'), 'utf8').trim()
  return ok({
    url,
    loginLink,
    async get(path) {
      const response = await fetch(`${url}/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': token } })
      if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`)
      return response
    },
    untilSignal: () => Promise.race([signal, child.then(() => undefined)]),
    async stop() {
      child.kill('SIGTERM')
      await child
    },
  })
}

/**
 * Reads the daemon's start-up text to its last row; undefined when it ended before. What it says afterwards is read too, lest
 * it stand still, and dropped.
 */
function readyLines(
  stdout: Readable,
): Promise<{ readonly url: string; readonly loginLink: string } | undefined> {
  return new Promise((resolve) => {
    let url: string | undefined
    let loginLink: string | undefined
    const lines = createInterface({ input: stdout })
    lines.on('line', (line) => {
      url ??= /➜ {2}Web +(http:\S+?)\/$/.exec(line)?.[1]
      loginLink ??= /➜ {2}Login +(http\S+)/.exec(line)?.[1]
      if (url !== undefined && loginLink !== undefined && line.includes('➜  Token'))
        resolve({ url, loginLink })
    })
    lines.on('close', () => resolve(undefined))
  })
}
