import Sqlite from 'better-sqlite3'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JobPlan, PipelinePlan } from '../src/model/plan.ts'
import type { Project } from '../src/model/project.ts'
import { DEFAULT_LIMITS } from '../src/model/limits.ts'
import { createEngine } from '../src/pipeline/create-engine.ts'
import { livePipelines } from '../src/pipeline/live.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { GitRepository } from '../src/platform/git.ts'
import { openStore } from '../src/store/store.ts'
import { figure, median, noted, percentile, timed, type Figure } from './measure.ts'
import { makeRepository, numbers, timeChain, twoLoud, wide } from './workloads.ts'

const SIZES = [1000, 5000, 10_000] as const

/** What the engine itself costs, with a runner that does nothing; then the same engine in a real run. */
export async function engine(sluice: string, folder: string, count: number): Promise<Figure[]> {
  return [
    ...(await pipelines(folder)),
    ...(await handover(sluice, folder, count)),
    ...(await loud(sluice, folder)),
  ]
}

/** Large pipelines, half chained by needs and half in stages, from their creation to their end. */
async function pipelines(folder: string): Promise<Figure[]> {
  const whole = new Map<number, number>()
  let scheduling = NaN
  for (const size of SIZES) {
    whole.set(size, await withPuppet(join(folder, `whole-${size}`), size))
    if (size === 5000) scheduling = schedule(join(folder, 'scheduling'), size)
  }
  const each = (size: number): number => (whole.get(size) ?? NaN) / size
  return [
    figure('scheduling 5,000 jobs: claim, end and what follows', scheduling / 1000, 's', 1),
    noted('each of 5,000 jobs, with token and payload', each(5000), 'ms'),
    figure('each of 10,000 jobs, as a ratio to each of 1,000', each(10_000) / each(1000), 'x', 1.3),
    figure('memory after 10,000 jobs in this process', process.memoryUsage.rss() / 1024 ** 2, 'MB', 250),
  ]
}

/** Through the coordinator, as runners do: milliseconds for all jobs. */
async function withPuppet(stateDir: string, size: number): Promise<number> {
  const { store, processId } = openState(stateDir)
  const made = createEngine({
    store,
    clock: systemClock,
    processId,
    projects: {
      find: () => PROJECT,
      named: () => PROJECT,
      refresh: () => Promise.resolve(),
      repository: () => repository,
    },
    mirrors: { path: () => stateDir, prepare: () => Promise.resolve() },
    server: () => ({ url: 'http://127.0.0.1:8929', version: '18.5.0' }),
    compiler: { compile: () => Promise.resolve(outcome(size)) },
    limits: DEFAULT_LIMITS,
    jobTimeout: 3600,
    notice: (text) => console.error(text),
  })
  const pipelineId = await create(made)
  const start = performance.now()
  for (let job = 0; job < size; job++) {
    const payload = await made.coordinator.requestJob({ name: 'puppet', tags: [], runUntagged: true })
    if (!payload) throw new Error(`only ${job} of ${size} jobs could be had`)
    await made.coordinator.updateJob(payload.token, { state: 'success' })
  }
  const took = performance.now() - start
  if (store.pipelines.find(pipelineId)?.status !== 'success') throw new Error('the pipeline did not succeed')
  made.stop()
  store.close()
  return took
}

/** Rows, graph and announcements alone: milliseconds for all jobs. */
function schedule(stateDir: string, size: number): number {
  const { store, processId } = openState(stateDir)
  const now = Date.now()
  const pipelineId = store.write('full', () => {
    const id = store.pipelines.add({ ...PIPELINE, owner: processId, createdAt: now })
    for (const job of plan(size).jobs) {
      const {
        options,
        variables,
        tags,
        dependencies,
        parallel,
        allowFailureExitCodes,
        interruptible,
        resourceGroup,
      } = job
      const stored = {
        options,
        variables,
        tags,
        dependencies,
        parallel,
        allowFailureExitCodes,
        interruptible,
        resourceGroup,
      }
      const fixed = {
        pipelineId: id,
        projectId: 9,
        attempt: 1,
        kind: 'build',
        environment: null,
        userId: null,
      } as const
      store.jobs.add({ ...job, ...fixed, stored }, now)
    }
    return id
  })
  const start = performance.now()
  const live = livePipelines(
    store,
    processId,
    () => Date.now(),
    () => undefined,
  )
  live.apply(pipelineId, 'normal', [])
  for (
    let jobId = store.jobs.nextPending(processId);
    jobId !== undefined;
    jobId = store.jobs.nextPending(processId)
  ) {
    live.apply(pipelineId, 'normal', [{ jobId, from: 'pending', to: 'running' }])
    live.apply(pipelineId, 'normal', [{ jobId, from: 'running', to: 'success', exitCode: 0 }])
  }
  const took = performance.now() - start
  if (store.pipelines.find(pipelineId)?.status !== 'success') throw new Error('the pipeline did not succeed')
  store.close()
  return took
}

/** How soon a job follows the end of its last need: its row, and the first byte of its script. */
async function handover(sluice: string, folder: string, count: number): Promise<Figure[]> {
  const rows: number[] = []
  const bytes: number[] = []
  const cwd = makeRepository(join(folder, 'handover'), timeChain(20))
  for (let round = 0; round < count; round++) {
    const state = `${cwd}-state-${round}`
    const { exitCode } = await timed(['node', sluice, 'run', '--json', '--state', state], {
      cwd,
      env: { XDG_CACHE_HOME: join(folder, 'cache') },
    })
    if (exitCode !== 0) throw new Error(`the chain ended with ${exitCode}`)
    const database = new Sqlite(join(state, 'sluice.db'), { readonly: true })
    const jobs = database
      .prepare<[], Times>(
        'select id, created_at as createdAt, started_at as startedAt, finished_at as finishedAt from jobs order by id',
      )
      .all()
    database.close()
    for (const [index, job] of jobs.entries()) {
      const before = jobs[index - 1]
      if (!before) continue
      rows.push(job.startedAt - before.finishedAt)
      bytes.push(scriptBegan(state, job) - before.finishedAt)
    }
  }
  return [
    figure('the next job is running after the end of its last need, p50', percentile(rows, 50), 'ms', 3),
    noted('the same, p95', percentile(rows, 95), 'ms'),
    figure('the first byte of its script, p50', median(bytes), 'ms', 20),
    noted('the same, p95', percentile(bytes, 95), 'ms'),
  ]
}

interface Times {
  readonly id: number
  readonly createdAt: number
  readonly startedAt: number
  readonly finishedAt: number
}

/** Milliseconds since the epoch, as the script itself printed them. */
function scriptBegan(state: string, { id, createdAt }: Times): number {
  const created = new Date(createdAt)
  const month = String(created.getUTCMonth() + 1).padStart(2, '0')
  const log = readFileSync(
    join(state, 'traces', String(created.getUTCFullYear()), month, `${id}.log`),
    'utf8',
  )
  return Number(/began=([\d.]+)/.exec(log)?.[1]) * 1000
}

/** Two jobs that print without a pause, and a thousand that do nothing: delay of the event loop, and memory. */
async function loud(sluice: string, folder: string): Promise<Figure[]> {
  const report = join(folder, 'loop-delay')
  const cwd = makeRepository(join(folder, 'loud'), twoLoud(300))
  const env = {
    XDG_CACHE_HOME: join(folder, 'cache'),
    NODE_OPTIONS: `--import ${join(import.meta.dirname, 'loop-delay.mjs')}`,
    LOOP_DELAY_REPORT: report,
  }
  const command = (where: string): string[] => [
    'node',
    sluice,
    'run',
    '--json',
    '--concurrency',
    '2',
    '--state',
    `${where}-state`,
  ]
  const printing = await timed(command(cwd), { cwd, env })
  if (printing.exitCode !== 0) throw new Error(`the loud jobs ended with ${printing.exitCode}`)
  const many = makeRepository(join(folder, 'thousand'), wide(1000))
  const thousand = await timed(command(many), { cwd: many, env: { XDG_CACHE_HOME: join(folder, 'cache') } })
  return [
    figure(
      'event loop delay while two jobs print flat out, p99',
      Number(readFileSync(report, 'utf8')),
      'ms',
      20,
    ),
    figure('memory while two jobs print flat out', printing.megabytes ?? NaN, 'MB', 250),
    figure('memory of a run of 1,000 jobs', thousand.megabytes ?? NaN, 'MB', 250),
  ]
}

const PROJECT: Project = {
  id: 9,
  name: 'group/app',
  path: '/nowhere',
  repository: '/nowhere',
  defaultBranch: 'main',
  variables: [],
  configPath: '.gitlab-ci.yml',
  createdAt: 0,
}
const SHA = 'a'.repeat(40)
const CHECKOUT = { ref: 'main', tag: false, sha: SHA, snapshotSha: null, beforeSha: '0'.repeat(40) } as const
const COMMAND = {
  projectId: 9,
  source: 'push',
  variables: [],
  inputs: {},
  userId: 1,
  request: null,
  triggerId: null,
  sourceKey: null,
  saveInvalid: true,
  selection: null,
  configPath: null,
} as const
const PIPELINE = {
  ...CHECKOUT,
  projectId: 9,
  iid: 1,
  source: 'push',
  sourceKey: null,
  status: 'created',
  name: null,
  configError: null,
  configSha256: null,
  onJobFailure: 'none',
  onNewCommit: 'conservative',
  parentJobId: null,
  scheduleId: null,
  childConfig: null,
  userId: 1,
  triggerId: null,
  finishedAt: null,
} as const

/** No commit is read: the plan is there already. */
const repository: GitRepository = {
  gitDir: '/nowhere',
  resolveRef: () => Promise.resolve({ name: 'main', tag: false, sha: SHA, tagMessage: null }),
  resolveRevision: () => Promise.resolve(SHA),
  readFile: () => Promise.resolve(undefined),
  commit: () => Promise.reject(new Error('there is no commit')),
  refs: () => Promise.resolve([]),
  treePaths: () => Promise.resolve([]),
  changedPaths: () => Promise.resolve([]),
  close: () => undefined,
}

function openState(stateDir: string) {
  const store = openStore(stateDir, { powerSafe: true })
  store.users.put({ username: 'root', name: 'Root', email: 'root@example.test' })
  store.projects.put({ id: 9, name: PROJECT.name, path: PROJECT.path, defaultBranch: 'main' }, Date.now())
  const processId = store.processes.add(
    { kind: 'serve', pid: process.pid, pidStart: 'x', bootId: 'y' },
    Date.now(),
  )
  return { store, processId }
}

async function create(made: ReturnType<typeof createEngine>): Promise<number> {
  const result = await made.create({ ...COMMAND, checkout: { kind: 'commit', ...CHECKOUT } })
  if (result.kind !== 'created') throw new Error(JSON.stringify(result))
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  return result.pipelineId
}

function outcome(size: number) {
  return {
    kind: 'plan' as const,
    plan: plan(size),
    config: undefined,
    warnings: [],
    sources: new Map(),
    configSha256: 'c',
    predefined: [],
    projectVariables: [],
  }
}

/** Half of the jobs in ten stages, half in chains of needs. */
function plan(size: number): PipelinePlan {
  const stages = numbers(10).map((stage) => `s${stage}`)
  return {
    name: null,
    stages,
    jobs: numbers(size).map((index) => {
      const stage = Math.floor((index * 10) / size)
      return index % 2 === 0
        ? jobPlan(index, stage, null)
        : jobPlan(index, stage, index < 200 ? [] : [index - 200])
    }),
    excluded: [],
    workflow: [],
    autoCancel: { onNewCommit: 'conservative', onJobFailure: 'none' },
  }
}

function jobPlan(index: number, stageIndex: number, needs: readonly number[] | null): JobPlan {
  const name = `job-${index}`
  const stage = `s${stageIndex}`
  const location = { file: '.gitlab-ci.yml', line: 1, column: 1, endLine: 1, endColumn: 1 }
  return {
    name,
    stage,
    stageIndex,
    when: 'on_success',
    startIn: null,
    allowFailure: false,
    allowFailureExitCodes: [],
    scheduling: needs ? 'dag' : 'stage',
    needs: (needs ?? []).map((need) => ({ job: `job-${need}`, artifacts: true, optional: false })),
    dependencies: null,
    tags: [],
    interruptible: false,
    resourceGroup: null,
    variables: [],
    options: {
      beforeScript: [],
      script: ['true'],
      afterScript: [],
      image: null,
      services: [],
      artifacts: null,
      timeout: null,
      retry: null,
      coverage: null,
      environment: null,
    },
    parallel: null,
    verdict: { job: name, stage, in: true, because: '', steps: [], location },
  }
}
