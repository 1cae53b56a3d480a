import { mkdirSync } from 'node:fs'
import type { Coordinator, RunnerIdentity } from '../model/coordinator.ts'
import type { JobPayload } from '../model/payload.ts'
import type { Clock } from '../platform/clock.ts'
import { closeInheritedDescriptors } from '../platform/process.ts'
import { openCacheStore } from './cache/cache-store.ts'
import type { Executor } from './executors/executor.ts'
import { ownGroups } from './executors/limits.ts'
import { startJob, type JobSurroundings, type RunningJob } from './job.ts'
import { updateFor, type Outcome } from './outcome.ts'
import { openLanes, sweepScratch } from './scratch/lanes.ts'
import { openRepositories } from './workspace/repositories.ts'
import { sweepSlots } from './workspace/sweep-slots.ts'
import { openWorkspaces } from './workspace/workspaces.ts'

export interface RunnerOptions {
  readonly coordinator: Coordinator
  readonly identity: RunnerIdentity
  readonly executor: Executor
  /** Of projects that have another one, by project id. */
  readonly executors?: ReadonlyMap<number, Executor>
  /** Jobs at once. */
  readonly concurrency: number
  readonly buildsDir: string
  /** For folders and pipes that live as long as this process; on a local disk. */
  readonly scratchDir: string
  /** Where caches are kept, and how many bytes of them for each project. */
  readonly caches: { readonly dir: string; readonly limit: number }
  /** What the user named for a project that is served, by its full path. */
  pathOf?(project: string): string | undefined
  readonly clock: Clock
  /** Bytes of one job's log. */
  readonly logLimit: number
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  readonly version: string
  /** Files and folders that no job may see, where the executor can hide them. */
  hide(): readonly string[]
  /** Tells a person what went wrong outside of any job's log. */
  notice(text: string): void
}

export interface Runner {
  /** There may be work: look. May be called at any time and any number of times. */
  wake(): void
  /** Resolves when nothing runs, nothing is being looked for and the folders are clean. */
  idle(): Promise<void>
  /** Takes no more jobs and ends the running ones with grace. Resolves when all are reported and the folders are clean. */
  stop(): Promise<void>
}

const RETRY_MS = 1_000
const REPORT_ATTEMPTS = 4

/** Takes jobs from the coordinator whenever it is woken or a job has ended. Never polls: without a call nothing happens. */
export function startRunner(options: RunnerOptions): Runner {
  const { coordinator, identity, clock, notice } = options
  closeInheritedDescriptors()
  mkdirSync(options.buildsDir, { recursive: true, mode: 0o700 })
  const running = new Set<RunningJob>()
  let unfinished = 0
  let waiting: (() => void)[] = []
  let looking = false
  let lookAgain = false
  let stopped = false
  let cancelRetry = () => {}
  const around = surroundings(options, afterwards)

  function afterwards(deed: () => Promise<unknown>): void {
    unfinished++
    setImmediate(() => void finish(deed))
  }

  async function finish(deed: () => Promise<unknown>): Promise<void> {
    await deed().catch(() => {}) // lanes and slots start anew when they could not be cleaned
    unfinished--
    settle()
  }

  async function look(): Promise<void> {
    lookAgain = true
    if (looking) return
    looking = true
    while (lookAgain && !stopped && running.size < options.concurrency) {
      lookAgain = false
      const payload = await request()
      if (!payload) continue
      lookAgain = true
      void work(payload)
    }
    looking = false
    settle()
  }

  async function request(): Promise<JobPayload | undefined> {
    try {
      return await coordinator.requestJob(identity)
    } catch (error) {
      notice(`asking for a job failed: ${messageOf(error)}`)
      cancelRetry()
      cancelRetry = clock.after(RETRY_MS, () => void look())
      return undefined
    }
  }

  async function work(payload: JobPayload): Promise<void> {
    const job = start(payload)
    running.add(job)
    if (stopped) job.abort(STOPPED)
    await report(payload, await job.outcome)
    running.delete(job)
    await look()
  }

  function start(payload: JobPayload): RunningJob {
    try {
      return startJob(payload, around)
    } catch (error) {
      return {
        outcome: Promise.resolve({ kind: 'system_failure', message: messageOf(error) }),
        abort: () => {},
      }
    }
  }

  /** A result is not given up lightly: the job would seem to run for ever. */
  async function report(payload: JobPayload, outcome: Outcome): Promise<void> {
    for (let attempt = 1; attempt <= REPORT_ATTEMPTS; attempt++) {
      try {
        await coordinator.updateJob(payload.token, updateFor(outcome))
        return
      } catch (error) {
        notice(`reporting the end of job ${payload.id} failed: ${messageOf(error)}`)
        if (attempt < REPORT_ATTEMPTS)
          await new Promise<void>((resolve) => clock.after(RETRY_MS * attempt, resolve))
      }
    }
  }

  function settle(): void {
    if (running.size > 0 || looking || unfinished > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  const idle = () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
      settle()
    })

  return {
    wake: () => void look(),
    idle,
    async stop() {
      stopped = true
      cancelRetry()
      for (const job of running) job.abort(STOPPED)
      await idle()
      await around.workspaces.close()
      await around.lanes.close()
    },
  }
}

/** gitlab-runner, ended by SIGTERM. */
const STOPPED = 'aborted: terminated'

function surroundings(options: RunnerOptions, afterwards: JobSurroundings['afterwards']): JobSurroundings {
  void sweepScratch(options.scratchDir)
  sweepSlots(options.buildsDir)
  // What a killed process has left in its control groups, also when it has cleaned its environment.
  afterwards(() => ownGroups().sweep())
  return {
    coordinator: options.coordinator,
    executorOf: (projectId) => options.executors?.get(projectId) ?? options.executor,
    clock: options.clock,
    lanes: openLanes(options.scratchDir, options.concurrency),
    workspaces: openWorkspaces(options.buildsDir),
    repositories: openRepositories(),
    caches: openCacheStore(options.caches.dir, { limit: options.caches.limit, now: options.clock.now }),
    pathOf: (project) => options.pathOf?.(project),
    buildsDir: options.buildsDir,
    hide: () => [...options.hide(), options.buildsDir, options.scratchDir, options.caches.dir],
    logLimit: options.logLimit,
    graceMs: options.graceMs,
    name: options.identity.name,
    version: options.version,
    afterwards,
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
