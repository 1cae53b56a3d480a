import { execFileSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startDaemon, type CalmMemory, type Daemon } from './daemon.ts'
import { figure, noted, slope, type Figure } from './measure.ts'
import { makeRepository, numbers } from './workloads.ts'

/** `SOAK_PIPELINES` overrides. */
const PIPELINES = Number(process.env['SOAK_PIPELINES'] ?? 100_000)
/** The memory is looked at so often. */
const MARKS = 20
/** So many pipelines stay; the rest is removed while the soak goes on. */
const KEPT = 500
/** Requests under way at a time. */
const LANES = 4
/** So many pipelines that wait for the runner are enough for it to be busy. */
const MOST_WAITING = 40
/** A daemon that does not come to rest for so long has a fault of its own. */
const PATIENCE_MS = 300_000

/** More is a leak: megabytes that 10,000 pipelines may add in the second half. Allocators give pages back late, hence more of rss. */
const HEAP_GROWTH = 1
const RSS_GROWTH = 5
/** Of a short soak the slope is noise: so many megabytes may come in any case. */
const NOISE = 4

/**
 * What a pipeline is made of, by its place in a row of five. A shell job takes tens of milliseconds of processes, which are not
 * what is looked at: most pipelines end without one, by being canceled or skipped. Every 100th has everything.
 */
const ROW = ['job', 'canceled', 'skipped', 'canceled', 'skipped']
const EVERYTHING_EVERY = 100
/** A new commit, a look at everything that can be read, and requests that are refused. */
const LIFE_EVERY = 500

const CI_FILE = `stages: [build, test, deploy]
variables: {GIT_STRATEGY: none, LEVEL: global}
workflow:
  rules: [{if: $KIND}, {if: $CI_PIPELINE_SOURCE == "push"}]
build: {stage: build, script: [echo a line of a log], rules: [{if: $KIND == "job"}, {if: $CI_PIPELINE_SOURCE == "push"}]}
gate: {stage: build, script: ["true"], rules: [{if: $KIND == "canceled", when: delayed, start_in: 1 hour}]}
unit: {stage: test, script: ["true"], rules: [{if: $KIND == "canceled"}]}
lint: {stage: test, script: ["true"], parallel: 2, rules: [{if: $KIND == "canceled"}]}
rescue: {stage: deploy, script: ["true"], rules: [{if: $KIND == "skipped", when: on_failure}]}
lost: {stage: deploy, script: ["true"], needs: [unit], rules: [{if: $KIND == "wrong"}]}
make:
  stage: build
  variables: {GIT_STRATEGY: clone}
  script: [mkdir -p out, seq 1000 > out/numbers, 'echo "FROM=make" > build.env', cat README.md]
  artifacts: {paths: [out], reports: {dotenv: build.env}}
  cache: {key: one, paths: [out]}
  rules: [{if: $KIND == "everything"}]
use: {stage: test, needs: [make], script: [test "$FROM" = make, wc -l out/numbers], rules: [{if: $KIND == "everything"}]}
fails: {stage: test, script: [exit 3], allow_failure: true, retry: 1, rules: [{if: $KIND == "everything"}]}
child: {stage: deploy, trigger: {include: child.yml, strategy: depend}, rules: [{if: $KIND == "everything"}]}
`
const CHILD_FILE = `inner: {variables: {GIT_STRATEGY: none}, script: [echo child]}\n`

/** What is left of memory and handles of a real daemon after many thousand pipelines of all kinds. */
export async function soak(sluice: string, folder: string): Promise<Figure[]> {
  const repository = makeRepository(join(folder, 'repository'), CI_FILE, { 'child.yml': CHILD_FILE })
  const config = join(folder, 'runner.config.yaml')
  keep(config, KEPT)
  const daemon = await startDaemon(sluice, config, { collects: true })
  const begun = performance.now()
  const marks: Mark[] = []
  try {
    const each = Math.ceil(PIPELINES / MARKS)
    for (let made = 0; made < PIPELINES; made += each) {
      const end = Math.min(PIPELINES, made + each)
      await makeAll(daemon, repository, made, end)
      await restUntilKept(daemon, config, KEPT + ((marks.length + 1) % 2))
      marks.push(await mark(daemon, end, begun))
    }
    const left = await daemon.total('/projects/1/pipelines')
    return [...judge(marks), noted('pipelines that are left', left, '')]
  } finally {
    await daemon.stop()
  }
}

/** Retention is a setting that is followed live: each change of it is a reload, and looks at once at what is too old. */
function keep(config: string, count: number): void {
  const text = `listen: 127.0.0.1:0
state: state
builds_dir: builds
executor: shell
concurrency: 2
log: daemon.log
retention: {pipelines: {count: ${count}}, deliveries: {count: ${count}}}
projects:
  - {id: 1, name: bench/soak, path: repository, default_branch: main, triggers: [{description: soak, token: soak, owner: root}]}
`
  writeFileSync(`${config}.new`, text)
  renameSync(`${config}.new`, config)
}

async function makeAll(daemon: Daemon, repository: string, from: number, end: number): Promise<void> {
  let next = from
  const lane = async (): Promise<void> => {
    while (next < end) {
      const number = next++
      await makePipeline(daemon, number)
      if (number % 100 === 99) await untilWaiting(daemon, MOST_WAITING)
      if (number % LIFE_EVERY === LIFE_EVERY - 1) await liveOn(daemon, repository, number)
    }
  }
  await Promise.all(numbers(LANES).map(lane))
}

async function makePipeline(daemon: Daemon, number: number): Promise<void> {
  const everything = number % EVERYTHING_EVERY === EVERYTHING_EVERY - 1
  const kind = everything ? 'everything' : (ROW[number % ROW.length] ?? 'job')
  const response = await daemon.post('/projects/1/trigger/pipeline', {
    token: 'soak',
    ref: 'main',
    'variables[KIND]': kind,
  })
  const answer = (await response.json()) as { id?: number }
  if (response.status !== 201) throw new Error(`${kind}: ${response.status} ${JSON.stringify(answer)}`)
  if (kind !== 'canceled') return
  const canceled = await daemon.post(`/projects/1/pipelines/${answer.id}/cancel`, {})
  if (!canceled.ok) throw new Error(`cancel: ${canceled.status} ${await canceled.text()}`)
  await canceled.arrayBuffer()
}

async function untilWaiting(daemon: Daemon, most: number): Promise<void> {
  const path = '/projects/1/pipelines?scope='
  await until(
    async () => (await daemon.total(`${path}running`)) + (await daemon.total(`${path}pending`)) <= most,
  )
}

/** What else happens to a daemon. */
async function liveOn(daemon: Daemon, repository: string, number: number): Promise<void> {
  execFileSync('git', ['commit', '-q', '--allow-empty', '-m', `commit ${number}`], { cwd: repository })
  for (const variables of [{}, { 'variables[KIND]': 'wrong' }]) {
    const form = { token: 'soak', ref: 'main', ...variables }
    const refused = await daemon.post('/projects/1/trigger/pipeline', form)
    if (refused.status < 400 || refused.status > 499) throw new Error(`refused: ${refused.status}`)
    await refused.arrayBuffer()
  }
  const pipelines = (await daemon.get('/projects/1/pipelines?per_page=100&status=success')) as {
    id: number
  }[]
  const id = pipelines[0]?.id
  if (id === undefined) return
  const jobs = (await daemon.get(`/projects/1/pipelines/${id}/jobs`)) as { id: number }[]
  const job = `/projects/1/jobs/${jobs[0]?.id}`
  const headers = { 'PRIVATE-TOKEN': daemon.token }
  for (const path of [
    `/projects/1/pipelines/${id}`,
    `/projects/1/pipelines/${id}/variables`,
    job,
    `${job}/trace`,
  ])
    await (await fetch(`${daemon.url}/api/v4${path}`, { headers })).arrayBuffer()
  await (await fetch(`${daemon.url}/metrics`)).arrayBuffer()
  // Readers that go away in the middle.
  for (const path of [
    `${job}/events/stream`,
    `/projects/1/pipelines/${id}/events/stream`,
    '/projects/1/events/stream',
  ]) {
    const gone = new AbortController()
    await fetch(`${daemon.url}/api/v4${path}`, { headers, signal: gone.signal })
    gone.abort()
  }
}

/** Everything has ended, and what is too much is removed. */
async function restUntilKept(daemon: Daemon, config: string, count: number): Promise<void> {
  await untilWaiting(daemon, 0)
  keep(config, count)
  // The newest of the ref and its newest success stay beside them.
  await until(async () => (await daemon.total('/projects/1/pipelines')) <= count + 5)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const begun = performance.now(); !(await holds()); await wait(50))
    if (performance.now() - begun > PATIENCE_MS)
      throw new Error(`the daemon does not come to rest: ${holds.toString()}`)
}

interface Mark extends CalmMemory {
  readonly pipelines: number
}

async function mark(daemon: Daemon, pipelines: number, begun: number): Promise<Mark> {
  const seen = { pipelines, ...(await daemon.calmMemory()) }
  const seconds = (performance.now() - begun) / 1000
  console.log(
    `  ${String(pipelines).padStart(7)} pipelines  rss ${seen.rss.toFixed(1)} MB  heap ${seen.heap.toFixed(1)} MB  ${seen.handles} handles  ${seconds.toFixed(0)} s  ${daemon.cpuSeconds().toFixed(0)} s of processor`,
  )
  return seen
}

/** Of the second half: what a start needs for its caches is no leak. */
function judge(marks: readonly Mark[]): Figure[] {
  const middle = Math.floor(marks.length / 2)
  const [first, second] = [marks.slice(0, middle), marks.slice(middle)]
  const [from, last] = [second[0], second.at(-1)]
  if (!from || !last) return []
  const made = (last.pipelines - from.pipelines) / 10_000
  const gained = (of: readonly Mark[], value: (mark: Mark) => number): number =>
    made * 10_000 * slope(of.map((each) => [each.pipelines, value(each)]))
  const heap = (each: Mark): number => each.heap
  const rss = (each: Mark): number => each.rss
  const most = (growth: number): number => Math.max(NOISE, growth * made)
  return [
    noted('heap gained in the first half, by its slope', gained(first, heap), 'MB'),
    figure('heap gained in the second half, by its slope', gained(second, heap), 'MB', most(HEAP_GROWTH)),
    noted('resident memory gained in the first half, by its slope', gained(first, rss), 'MB'),
    figure(
      'resident memory gained in the second half, by its slope',
      gained(second, rss),
      'MB',
      most(RSS_GROWTH),
    ),
    figure('resident memory at the end', last.rss, 'MB', 250),
    figure(
      'handles gained in the second half, by their slope',
      gained(second, (each) => each.handles),
      '',
      5,
    ),
  ]
}
