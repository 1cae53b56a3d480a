import type { App } from '../../app.ts'
import { selectJobs } from '../../ci/select.ts'
import type { CommandContext } from '../context.ts'
import type { Colors } from '../colors.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { PROJECT_ID, reporterFor } from '../run-app.ts'
import type { RunFlags } from '../run-flags.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { jobsToRun } from './chosen.ts'
import { commandOf, compileSeen, seeAgain, type Seen } from './look.ts'
import { startRun, type OneRun } from './one-run.ts'
import type { Change, Reason, WatchReport } from './report.ts'
import { makeResults } from './results.ts'
import { jobsWithoutFiles, touchedJobs, type Compiled } from './touched.ts'

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
  let current: { readonly run: OneRun; readonly jobs: readonly string[] } | undefined
  let last: readonly string[] = []

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
    report.waiting(results.failing(names()))
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

  function changedPaths(from: Seen, to: Seen): Promise<readonly string[]> {
    const project = app.projects.find(String(PROJECT_ID))
    if (!project || from.treeSha === to.treeSha) return Promise.resolve([])
    return app.projects.repository(project).changedPaths(from.treeSha, to.treeSha)
  }

  function treePaths(seen: Seen): Promise<readonly string[]> {
    const project = app.projects.find(String(PROJECT_ID))
    return project ? app.projects.repository(project).treePaths(seen.treeSha) : Promise.resolve([])
  }

  async function supersede(): Promise<readonly string[]> {
    const stale = current
    if (!stale) return []
    current = undefined
    await stale.run.cancel(flags.json ? 'end' : 'nothing')
    results.take(app, stale.run.pipelineId)
    return stale.jobs
  }

  async function start(seen: Seen, change: Change, selection: readonly string[]): Promise<void> {
    report.changed(change)
    last = change.jobs
    const begun = context.elapsed()
    const reporter = reporterFor(flags, { ...context, elapsed: () => context.elapsed() - begun })
    for (const notice of seen.files.notices) reporter.notice(notice)
    const run = await startRun(app, commandOf(seen, flags, selection), reporter)
    if (!run.ok) {
      reporter.failed(run.error)
      report.waiting(results.failing(names()))
      return
    }
    const mine = { run: run.value, jobs: change.jobs }
    current = mine
    const tell = async (): Promise<void> => {
      await mine.run.done
      if (current === mine) options.ended()
    }
    void tell()
  }

  return {
    async begin(seen) {
      base = seen
      const now = await compileSeen(app, seen, flags)
      if (!now.ok) {
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
      const looked = await look()
      if (!looked) return
      const { seen, now } = looked
      const files = base ? await changedPaths(base, seen) : []
      if (files.length === 0) {
        compiled ??= now
        return
      }
      const because = touchedJobs(files, now, compiled)
      const wanted = namedIn(now)
      if (!wanted.ok) return tellRefused(seen.treeSha, wanted.error)
      if (wanted.value !== null) {
        const silent = jobsWithoutFiles(now, await treePaths(seen))
        for (const name of silent)
          if (wanted.value.has(name) && !because.has(name)) because.set(name, 'any file')
      }
      base = seen
      compiled = now
      const fresh = jobsToRun(now.plan, new Set(because.keys()), wanted.value)
      const jobs =
        fresh.length > 0 && current ? inOrder(now, new Set([...fresh, ...(await supersede())])) : fresh
      const change: Change = { reason: 'save', files, jobs, because }
      if (jobs.length > 0) return start(seen, change, jobs)
      report.changed(change)
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
        again: new Set(last),
        picked: new Set(picked),
      }
      const jobs = inOrder(now, chosen[reason])
      if (jobs.length === 0) return report.say(NOTHING[reason])
      await supersede()
      await start(
        seen,
        { reason, files: [], jobs, because: new Map() },
        reason === 'all' && !named ? [] : jobs,
      )
    },
    jobs: () => [...names()],
    settled() {
      if (!current) return
      const { run, jobs } = current
      current = undefined
      results.take(app, run.pipelineId)
      const failing = results.failing(names())
      const silent = failing.filter((name) => !jobs.includes(name))
      if (!flags.json && silent.length > 0) context.out(results.tails(app, silent, options.colors))
      report.waiting(failing)
    },
    async stop() {
      await supersede()
    },
  }
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
