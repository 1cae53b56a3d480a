// A daemon whose clock and whose jobs a test holds, in a process of its own that can be killed: what `sluice serve` joins, joined with
// another clock. Its parent says over the channel of messages what happens.
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureAccessToken } from '../../../src/app/access-token.ts'
import { createApp, openState, type App } from '../../../src/app.ts'
import { followSettings } from '../../../src/app/follow-settings.ts'
import { projectOpener } from '../../../src/app/served-projects.ts'
import { retentionOf } from '../../../src/app/retention-rules.ts'
import { serveHttp } from '../../../src/app/serve-http.ts'
import { makeSources } from '../../../src/app/sources.ts'
import { startUpkeep } from '../../../src/app/upkeep.ts'
import { COMPILER_HERE } from '../../../src/compile/compiler.ts'
import type { JobPayload } from '../../../src/model/payload.ts'
import { readSettings } from '../../../src/settings/read.ts'
import type { Store } from '../../../src/store/store.ts'
import { weekClock } from './clock.ts'

/** What the parent may ask for; each has one answer. */
export type Request =
  | { readonly do: 'minutes'; readonly count: number }
  /** Lets a little time pass that somebody waits for, and that does not count: the next minute is as much shorter. */
  | { readonly do: 'moment' }
  /** The clock on the wall jumps. */
  | { readonly do: 'set'; readonly ms: number }
  | { readonly do: 'reload' }
  | { readonly do: 'status' }
  | { readonly do: 'quiet' }
  /** From the nth commit from now on there is no process any more. */
  | { readonly do: 'die'; readonly commits: number; readonly when: 'inside' | 'after' }
  /** Old things are removed, and the database file is made small. */
  | { readonly do: 'upkeep' }
  | {
      readonly do: 'schedule'
      readonly projectId: number
      readonly owner: string
      readonly description: string
      readonly cron: string
      readonly timezone: string
      readonly missed: 'once' | 'skip' | 'all'
    }
  | { readonly do: 'stop' }

export interface Status {
  readonly now: number
  readonly url: string
  /** How often the configuration was taken over, and how often not. */
  readonly taken: number
  readonly refused: number
  readonly notices: readonly string[]
}

export interface Start {
  readonly config: string
  readonly state: string
  readonly now: number
}

const HALF_MINUTE = 30_000
const MOMENT = 100
const LATEST_MOMENT = 59_000
const RUNNER = { name: 'puppet', tags: [], runUntagged: true }

const start: Start = JSON.parse(process.argv[2] ?? '{}')
const clock = weekClock(start.now)
const notices: string[] = []
/** A month holds thousands of files: only those of folders that have changed since are looked at again. */
const stamped = new Map<string, number>()
let taken = 0
let refused = 0
let tick: () => Promise<void> = () => Promise.resolve()
let ticking: Promise<void> = Promise.resolve()
const notice = (text: string): void => void notices.push(text)

function must<T, E>(result: { ok: true; value: T } | { ok: false; error: E }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

/** Commits until the end; nobody has counted them before `die` was asked. */
let death: { left: number; readonly when: 'inside' | 'after' } | undefined
let depth = 0

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

function mortal(real: Store): Store {
  return {
    ...real,
    write(durability, work) {
      if (depth > 0) return work()
      depth++
      const last = death !== undefined && --death.left === 0
      try {
        const result = real.write(durability, () => {
          const made = work()
          if (last && death?.when === 'inside') die()
          return made
        })
        if (last) die()
        return result
      } finally {
        depth--
      }
    },
  }
}

const settings = must(readSettings(start.config, process.env))
const opener = projectOpener(start.state)
const store = mortal(must(openState(start.state, 'serve')))
const opened = await opener.open(settings)
const app = must(
  createApp({
    kind: 'serve',
    store,
    projects: opened.projects,
    includes: settings.includes,
    limits: settings.limits,
    artifacts: settings.artifacts,
    users: settings.users,
    declaredIn: start.config,
    localUser: { name: 'Ann', email: 'ann@example.test' },
    clock,
    version: '1.0.0',
    serverUrl: 'http://127.0.0.1',
    notice,
  }),
)
await ensureAccessToken(app.store, clock.now())
const served = must(
  await serveHttp(app, {
    host: '127.0.0.1',
    port: 0,
    externalUrl: null,
    compiler: COMPILER_HERE,
    limits: settings.limits,
    clock,
    log: () => undefined,
  }),
)
const puppet = startPuppet(app)
const sources = makeSources(app, {
  clock,
  notice,
  wake(run) {
    tick = run
    ticking = run()
    return () => void (tick = () => Promise.resolve())
  },
})
await withMoments(() => sources.follow(settings))
const upkeep = startUpkeep(
  { app, clock, cacheDir: join(start.state, 'cache'), notice, tell: () => undefined },
  retentionOf(settings),
)
const following = followSettings({
  app,
  file: start.config,
  settings,
  env: process.env,
  clock,
  opener,
  sources,
  upkeep,
  // Backups are the test's to make.
  backups: { follow: () => undefined, stop: () => Promise.resolve() },
  served,
  executors: new Map(),
  executorsOf: () => Promise.resolve({ ok: true, value: new Map() }),
  closed: opened.closed,
  looked({ kind }) {
    if (kind === 'taken') taken++
    else refused++
  },
  back: () => undefined,
  notice,
})
await ticking
await quiet()

/** Takes every job and does what its script would: a log, an archive, an end. One job in eleven fails. */
function startPuppet({ engine }: App): { readonly isIdle: () => boolean } {
  const { coordinator } = engine
  let working = false
  let again = false

  async function work(): Promise<void> {
    again = true
    if (working) return
    working = true
    while (again) {
      again = false
      const payload = await coordinator.requestJob(RUNNER)
      if (!payload) continue
      again = true
      await play(payload)
    }
    working = false
  }

  async function play({ id, token, job_info, artifacts }: JobPayload): Promise<void> {
    const trace = await coordinator.openTrace(token)
    await trace.write(Buffer.from(`job ${id}, ${job_info.name}\n`))
    await trace.close()
    if (id % 11 === 0)
      return void (await coordinator.updateJob(token, {
        state: 'failed',
        reason: 'script_failure',
        exitCode: 1,
      }))
    for (const archive of artifacts ?? []) {
      const staged = await coordinator.stageArtifacts(token)
      writeFileSync(join(staged, 'out.txt'), `${id}\n`)
      const content = { staged, name: null, size: `${id}\n`.length, files: 1 }
      await coordinator.putArtifacts(token, { ...content, expireIn: archive.expire_in ?? null })
    }
    await coordinator.updateJob(token, { state: 'success' })
  }

  engine.events.on((event) => {
    if (event.type === 'job' && event.to === 'pending') void work()
  })
  void work()
  return { isIdle: () => !working }
}

function isBusy(): boolean {
  return !puppet.isIdle() || store.pipelines.unfinishedOf(app.processId).length > 0
}

/** Resolves when no pipeline and no job is under way any more. */
async function quiet(): Promise<void> {
  for (let looks = 0; looks < 20_000; looks++) {
    await new Promise((resolve) => setTimeout(resolve, looks < 3 ? 0 : 1))
    if (!isBusy()) return stampFiles()
  }
  throw new Error(`pipelines ${String(store.pipelines.unfinishedOf(app.processId))} do not end`)
}

/** Files were written at the time of the real clock, which lies behind the week: give them that of the week. */
function stampFiles(): void {
  const now = clock.now()
  for (const folder of ['traces', 'artifacts']) stampBelow(join(start.state, folder), now)
}

function stampBelow(folder: string, now: number): void {
  mkdirSync(folder, { recursive: true })
  for (const year of readdirSync(folder))
    for (const month of readdirSync(join(folder, year))) {
      const path = join(folder, year, month)
      const changed = statSync(path).mtimeMs
      if (stamped.get(path) === changed) continue
      for (const name of readdirSync(path)) {
        const file = join(path, name)
        // One that was too old may go meanwhile.
        const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
        if (written > now + 1000) utimesSync(file, now / 1000, now / 1000)
      }
      stamped.set(path, changed)
    }
}

/** A minute from half to half: the schedules are looked at in its middle. */
async function minute(): Promise<void> {
  clock.advance(2 * HALF_MINUTE - (clock.now() % (2 * HALF_MINUTE)))
  await tick()
  // What was made has not been announced yet.
  if (isBusy()) await quiet()
  clock.advance(HALF_MINUTE)
  await new Promise((resolve) => setImmediate(resolve))
}

/** Who waits for a little while to pass does not wait for the test. */
async function withMoments(work: () => Promise<void>): Promise<void> {
  const moments = setInterval(moment, 5)
  await work()
  clearInterval(moments)
}

function moment(): void {
  if (clock.now() % (2 * HALF_MINUTE) < LATEST_MOMENT) clock.advance(MOMENT)
}

async function answer(request: Request): Promise<unknown> {
  switch (request.do) {
    case 'minutes':
      for (let count = 0; count < request.count; count++) await minute()
      return clock.now()
    case 'moment':
      moment()
      return null
    case 'set':
      clock.set(request.ms)
      return clock.now()
    case 'reload':
      await withMoments(() => following.reload())
      return status()
    case 'status':
      return status()
    case 'quiet':
      await quiet()
      return status()
    case 'die':
      death = { left: request.commits, when: request.when }
      return null
    case 'upkeep':
      // One that was under way may have passed by already.
      await upkeep.once()
      await upkeep.once()
      app.store.upkeep.shrink(10_000)
      app.store.upkeep.checkpoint()
      stampFiles()
      return null
    case 'schedule': {
      const { projectId, owner, ...given } = request
      const user = app.store.users.findByName(owner)
      const input = { ...given, ref: 'main', active: true, inputs: {} }
      return must(await app.engine.schedules.create(projectId, input, user?.id ?? 0)).id
    }
    case 'stop':
      await withMoments(async () => {
        await following.stop()
        await sources.stop()
        await upkeep.stop()
        served.stop()
        await app.close()
      })
      return null
  }
}

function status(): Status {
  return { now: clock.now(), url: served.url, taken, refused, notices }
}

async function reply(id: number, request: Request): Promise<void> {
  try {
    process.send?.({ id, value: await answer(request) })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.stack : String(error) })
  }
  if (request.do === 'stop') process.disconnect()
}

process.on('message', ({ id, request }: { id: number; request: Request }) => void reply(id, request))
process.send?.({ ready: status() })
