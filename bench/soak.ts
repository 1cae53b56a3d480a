import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createApp, openState, type App } from '../src/app.ts'
import { projectOpener } from '../src/app/served-projects.ts'
import { startUpkeep } from '../src/app/upkeep.ts'
import { DEFAULT_RETENTION } from '../src/model/retention.ts'
import { systemClock } from '../src/platform/clock.ts'
import { defaultSettings, type Settings } from '../src/settings/settings.ts'
import { figure, noted, percentile, type Figure } from './measure.ts'
import { makeRepository } from './workloads.ts'

/** `SOAK_PIPELINES` overrides; 100,000 take some ten minutes. */
const PIPELINES = Number(process.env['SOAK_PIPELINES'] ?? 100_000)
/** The memory is looked at so often. */
const MARKS = 20
/** So many pipelines stay; the rest is removed while the soak goes on. */
const KEPT = 500
const PUPPET = { name: 'puppet', tags: [], runUntagged: true }
const CI_FILE = `stages: [build, test]
variables: {LEVEL: global}
build: {stage: build, script: ["true"]}
unit: {stage: test, script: ["true"], needs: [build]}
lint: {stage: test, script: ["true"], rules: [{if: $LEVEL == "global"}]}
`

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is left of memory, handles and time after many thousand pipelines whose jobs a puppet ends at once. */
export async function soak(folder: string): Promise<Figure[]> {
  const app = await openApp(folder)
  const rules = { ...DEFAULT_RETENTION, pipelines: { ...DEFAULT_RETENTION.pipelines, count: KEPT } }
  const upkeep = startUpkeep(
    { app, clock: systemClock, cacheDir: join(folder, 'cache'), notice: (text) => console.error(text) },
    new Map([[1, rules]]),
  )
  const late = watchLoop()
  const marks: Mark[] = []
  try {
    for (let made = 0; made < PIPELINES; made++) {
      await onePipeline(app)
      if (made % KEPT === KEPT - 1) await upkeep.once()
      if ((made + 1) % Math.ceil(PIPELINES / MARKS) === 0) marks.push(await mark(made + 1))
    }
    const kept = app.store.pipelines.newest(1, KEPT * 3).length
    return [...judge(marks), noted('pipelines that are left', kept, ''), ...late.figures()]
  } finally {
    late.stop()
    await upkeep.stop()
    await app.close()
  }
}

async function openApp(folder: string): Promise<App> {
  const path = makeRepository(join(folder, 'repository'), CI_FILE)
  const stateDir = join(folder, 'state')
  // Power cuts are not what is measured.
  const store = openState(stateDir, 'run')
  if (!store.ok) throw new Error(JSON.stringify(store.error))
  const settings: Settings = { ...defaultSettings(), projects: [projectAt(path)] }
  const projects = await projectOpener(stateDir).open(settings)
  if (!projects.ok) throw new Error(projects.error)
  const app = createApp({
    kind: 'serve',
    store: store.value,
    projects: projects.value,
    users: [],
    localUser: { name: 'Bench', email: 'bench@example.test' },
    clock: systemClock,
    version: '0',
    serverUrl: 'http://127.0.0.1:1',
    notice: (text) => console.error(text),
  })
  if (!app.ok) throw new Error(JSON.stringify(app.error))
  return app.value
}

function projectAt(path: string): Settings['projects'][number] {
  return {
    id: 1,
    name: 'bench/soak',
    path,
    kind: 'work-tree',
    defaultBranch: 'main',
    configPath: null,
    variables: [],
    triggers: [],
    triggerVariables: 'any',
    jobTokenAllowlist: null,
    schedules: [],
    watch: { branches: 'none', tags: 'none' },
    isolation: defaultSettings().isolation,
    retention: DEFAULT_RETENTION,
  }
}

async function onePipeline({ engine }: App): Promise<void> {
  const result = await engine.create({
    projectId: 1,
    source: 'api',
    checkout: { kind: 'ref', ref: 'main' },
    variables: [],
    inputs: {},
    userId: 1,
    request: null,
    triggerId: null,
    sourceKey: null,
    saveInvalid: true,
    selection: null,
    configPath: null,
  })
  if (result.kind !== 'created') throw new Error(JSON.stringify(result))
  await turn()
  for (
    let job = await engine.coordinator.requestJob(PUPPET);
    job;
    job = await engine.coordinator.requestJob(PUPPET)
  ) {
    const trace = await engine.coordinator.openTrace(job.token)
    await trace.write(Buffer.from('a line of a log\n'))
    await trace.close()
    await engine.coordinator.updateJob(job.token, { state: 'success' })
  }
}

interface Mark {
  readonly pipelines: number
  readonly rss: number
  readonly heap: number
  readonly handles: number
  readonly seconds: number
}

async function mark(pipelines: number): Promise<Mark> {
  for (let round = 0; round < 3; round++) {
    await turn()
    collect()
  }
  const { rss, heapUsed } = process.memoryUsage()
  const seen = {
    pipelines,
    rss: rss / 1024 ** 2,
    heap: heapUsed / 1024 ** 2,
    handles: process.getActiveResourcesInfo().length,
    seconds: performance.now() / 1000,
  }
  console.log(
    `  ${String(pipelines).padStart(7)} pipelines  rss ${seen.rss.toFixed(1)} MB  heap ${seen.heap.toFixed(1)} MB  ${seen.handles} handles  ${seen.seconds.toFixed(0)} s`,
  )
  return seen
}

/** Of the second half: what a start needs for its caches is no leak. */
function judge(marks: readonly Mark[]): Figure[] {
  const half = marks.slice(Math.floor(marks.length / 2))
  const last = half.at(-1)
  if (!last) return []
  return [
    figure('memory gained per 10,000 pipelines (heap)', slope(half, (each) => each.heap) * 10_000, 'MB', 1),
    figure('memory gained per 10,000 pipelines (rss)', slope(half, (each) => each.rss) * 10_000, 'MB', 5),
    figure('memory at the end', last.rss, 'MB', 250),
    figure('handles gained', last.handles - (half[0]?.handles ?? 0), '', 5),
    noted('pipelines a second', last.pipelines / last.seconds, ''),
  ]
}

/** Least squares. */
function slope(marks: readonly Mark[], value: (mark: Mark) => number): number {
  const mean = (numbers: readonly number[]): number =>
    numbers.reduce((sum, each) => sum + each, 0) / numbers.length
  const x = mean(marks.map(({ pipelines }) => pipelines))
  const y = mean(marks.map(value))
  const over = marks.reduce((sum, each) => sum + (each.pipelines - x) * (value(each) - y), 0)
  const under = marks.reduce((sum, each) => sum + (each.pipelines - x) ** 2, 0)
  return under === 0 ? 0 : over / under
}

/** How late a timer is: what holds the event loop up. */
function watchLoop(): { figures(): Figure[]; stop(): void } {
  const late: number[] = []
  let before = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    if (late.length < 100_000) late.push(Math.max(0, now - before - 20))
    before = now
  }, 20)
  return {
    figures: () => [
      noted('event loop late, p99', percentile(late, 99), 'ms'),
      noted('event loop late, most', percentile(late, 100), 'ms'),
    ],
    stop: () => clearInterval(timer),
  }
}
