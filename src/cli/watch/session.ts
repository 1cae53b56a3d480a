import type { App } from '../../app.ts'
import { selectJobs } from '../../ci/select.ts'
import type { CommandContext } from '../context.ts'
import type { Colors } from '../colors.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { reporterFor } from '../run-app.ts'
import type { RunFlags } from '../run-flags.ts'
import type { RunReporter } from '../run-reporter.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { jobsToRun } from './chosen.ts'
import { changedPaths, commandOf, compileSeen, seeAgain, treePaths, type Seen } from './look.ts'
import { startRun } from './one-run.ts'
import type { Change, Reason, WatchReport } from './report.ts'
import { makeResults } from './results.ts'
import { staleRuns, unfinishedJobs, type Running } from './running.ts'
import { jobsWithoutFiles, touchedJobs, type Compiled } from './touched.ts'
import { warningsOnce } from './warnings-once.ts'

export interface SessionOptions {
  readonly app: App
  /** Named on the command line. */
  readonly jobs: readonly string[]
  readonly flags: RunFlags
  readonly context: CommandContext
  readonly colors: Colors
  readonly report: WatchReport
  readonly root: string
  readonly mirror: string
  /** A run has come to its end by itself. */
  ended(): void
}

/** What a watch does. One call at a time; none of them rejects for what the user's files say. */
export interface WatchSession {
  /** The error: a job that was named is not in the pipeline. Anything else that is wrong may be mended by a save. */
  begin(seen: Seen): Promise<Result<true, Failure>>
  saved(): Promise<void>
  /** Runs all jobs, those that failed, those named, or the last ones again. */
  run(reason: Exclude<Reason, 'save'>, picked?: readonly string[]): Promise<void>
  /** The jobs that there are to pick from. */
  jobs(): readonly string[]
  settled(): void
  /** Whether jobs run at this moment. */
  busy(): boolean
  stop(): Promise<void>
}

export function watchSession(options: SessionOptions): WatchSession {
  const { app, flags, report, context } = options
  const results = makeResults()
  const named = options.jobs.length > 0
  /** What the next save is compared with. */
  let base: Seen | undefined
  let compiled: Compiled | undefined
  /** The state that was last found wrong, so that it is told once. */
  let refused: string | undefined
  const running = new Set<Running>()
  /** Runs that have ended and are not taken note of yet. */
  const ended: { readonly running: Running; readonly jobs: readonly string[] }[] = []
  let last: Asked = { jobs: [], whole: false }
  const toldOnce = warningsOnce()

  const names = (): ReadonlySet<string> => new Set(compiled?.plan.jobs.map((job) => job.name))

  /** The jobs named on the command line, as the pipeline has them; null: all. */
  function namedIn({ plan }: Compiled): Result<ReadonlySet<string> | null, Failure> {
    if (!named) return ok(null)
    const event = { source: flags.event ?? flags.source ?? 'push', ref: flags.ref ?? 'this branch' }
    const selected = selectJobs(plan, options.jobs, event)
    if (selected.ok) return ok(new Set(selected.value.jobs.map((job) => job.name)))
    return err(usageFailure('unknown_job', selected.error.message, selected.error.detail))
  }

  function tellRefused(treeSha: string, failure: Failure): void {
    if (refused === treeSha) return
    refused = treeSha
    reporterFor(flags, context).failed(failure)
    waiting()
  }

  /** Says so when nothing is left to do. */
  function waiting(): void {
    if (running.size === 0) report.waiting(results.failing(names()))
  }

  function reporterOfRun(): RunReporter {
    const begun = context.elapsed()
    return toldOnce(reporterFor(flags, { ...context, elapsed: () => context.elapsed() - begun }))
  }

  /** The files as they are now; undefined when they cannot be read or their CI file is wrong, which is told. */
  async function look(): Promise<{ readonly seen: Seen; readonly now: Compiled } | undefined> {
    const seen = await seeAgain(options.root, options.mirror, flags)
    if (!seen.ok) {
      tellRefused('', seen.error)
      return undefined
    }
    const now = await compileSeen(app, seen.value, flags)
    if (!now.ok) {
      tellRefused(seen.value.treeSha, now.error)
      return undefined
    }
    refused = undefined
    return { seen: seen.value, now: now.value }
  }

  /** Cancels these runs; gives what they had not come to. */
  async function supersede(stale: readonly Running[]): Promise<readonly string[]> {
    const jobs = stale.flatMap((one) => unfinishedJobs(app, one))
    for (const one of stale) running.delete(one)
    await Promise.all(stale.map(({ run }) => run.cancel(flags.json ? 'end' : 'nothing')))
    for (const { run } of stale) results.take(app, run.pipelineId)
    return jobs
  }

  /** Runs these jobs, with what they take over from the runs that they make stale; other runs go on. */
  async function replace(seen: Seen, now: Compiled, change: Change, whole: boolean): Promise<void> {
    const touched = staleRuns(app, running, new Set(change.jobs))
    const all = whole || touched.some((one) => one.whole)
    const unfinished = await supersede(all ? [...running] : touched)
    const jobs = all ? [...names()] : inOrder(now, new Set([...change.jobs, ...unfinished]))
    const asked = { whole: all, jobs }
    const restarted = asked.jobs.filter((job) => !change.jobs.includes(job))
    const because = new Map([
      ...change.because,
      ...restarted.map((job): [string, string] => [job, change.because.get(job) ?? 'restarted']),
    ])
    await start(seen, { ...change, jobs: asked.jobs, because }, asked)
  }

  async function start(seen: Seen, change: Change, asked: Asked): Promise<void> {
    report.changed(change)
    last = asked
    const reporter = reporterOfRun()
    for (const notice of seen.files.notices) reporter.notice(notice)
    const run = await startRun(app, commandOf(seen, flags, asked.whole ? [] : asked.jobs), reporter)
    if (!run.ok) {
      reporter.failed(run.error)
      return waiting()
    }
    const mine: Running = { run: run.value, whole: asked.whole }
    running.add(mine)
    const tell = async (): Promise<void> => {
      await mine.run.done
      ended.push({ running: mine, jobs: change.jobs })
      options.ended()
    }
    void tell()
  }

  return {
    async begin(seen) {
      base = seen
      const now = await compileSeen(app, seen, flags)
      if (!now.ok) {
        report.ready(0)
        tellRefused(seen.treeSha, now.error)
        return ok(true)
      }
      compiled = now.value
      const wanted = namedIn(compiled)
      if (!wanted.ok) return wanted
      report.ready(wanted.value?.size ?? compiled.plan.jobs.length)
      return ok(true)
    },
    async saved() {
      const mended = refused !== undefined
      const looked = await look()
      if (!looked) return
      const { seen, now } = looked
      const files = base ? await changedPaths(app, base, seen) : []
      if (files.length === 0) {
        base = seen
        compiled = now // another branch may have other jobs of the same files
        if (mended) waiting()
        return
      }
      const because = touchedJobs(files, now, compiled)
      const wanted = namedIn(now)
      if (!wanted.ok) return tellRefused(seen.treeSha, wanted.error)
      if (wanted.value !== null) {
        const silent = jobsWithoutFiles(now, await treePaths(app, seen))
        for (const name of silent)
          if (wanted.value.has(name) && !because.has(name)) because.set(name, 'any file')
      }
      base = seen
      compiled = now
      const jobs = jobsToRun(now.plan, new Set(because.keys()), wanted.value)
      const change: Change = { reason: 'save', files, jobs, because }
      if (jobs.length > 0) return replace(seen, now, change, false)
      report.changed(change)
      waiting()
    },
    async run(reason, picked = []) {
      const looked = await look()
      if (!looked) return
      const { seen, now } = looked
      base = seen
      compiled = now
      const wanted = namedIn(now)
      if (!wanted.ok) return tellRefused(seen.treeSha, wanted.error)
      const all = wanted.value ?? names()
      const chosen = {
        all,
        failed: new Set(results.failing(names())),
        again: new Set(last.whole ? names() : last.jobs),
        picked: new Set(picked),
      }
      const jobs = inOrder(now, chosen[reason])
      if (jobs.length === 0) return report.say(NOTHING[reason])
      const whole = !named && (reason === 'all' || (reason === 'again' && last.whole))
      await replace(seen, now, { reason, files: [], jobs, because: new Map() }, whole)
    },
    jobs: () => [...names()],
    settled() {
      for (const { running: one, jobs } of ended.splice(0)) {
        if (!running.delete(one)) continue // superseded meanwhile
        results.take(app, one.run.pipelineId)
        const silent = results.failing(names()).filter((name) => !jobs.includes(name))
        if (!flags.json && silent.length > 0) context.out(results.tails(app, silent, options.colors))
        waiting()
      }
    },
    busy: () => running.size > 0,
    async stop() {
      await supersede([...running])
    },
  }
}

/** What a run was asked to do. */
interface Asked {
  readonly jobs: readonly string[]
  /** The whole pipeline, whose manual jobs wait for their person. */
  readonly whole: boolean
}

const NOTHING: Readonly<Record<Exclude<Reason, 'save'>, string>> = {
  all: 'no job runs for this event',
  failed: 'no job failed',
  again: 'nothing has run yet',
  picked: 'there is no such job',
}

function inOrder({ plan }: Compiled, names: ReadonlySet<string>): string[] {
  return plan.jobs.flatMap(({ name }) => (names.has(name) ? [name] : []))
}
