import { dirname } from 'node:path'
import type { App } from '../app.ts'
import type { Job } from '../model/job.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { isCompleted } from '../model/status.ts'
import { elapsedSeconds } from '../shared/elapsed.ts'
import type { Colors } from './colors.ts'
import { renderFailure } from './failure.ts'
import { jobLine, jobPrefix } from './job-lines.ts'
import { runFamily, type RunFamily } from './run-family.ts'
import { latestJobs } from '../pipeline/event-records.ts'
import type { RunReporter } from './run-reporter.ts'
import { renderSummary, type SummaryJob } from './summary.ts'
import { followTraces, type TraceFollower } from './trace-follower.ts'
import { traceLines, type TraceLine, type TraceLines } from './trace-lines.ts'
import { columnsOf, counted, durationText } from './words.ts'

/** Lines of a failed job that the summary repeats. */
const FAILURE_LINES = 10
/** A tail is kept in memory for every job. */
const LONGEST_TAIL_LINE = 1000
/** Names longer than this do not push everybody's output to the right. */
const WIDEST_NAME = 40

export interface TextReporterOptions {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly colors: Colors
  /** Seconds since the command began. */
  readonly elapsed: () => number
  readonly commandSuffix: string
}

/** What is known of a job while it is printed. */
interface Printed {
  readonly prefix: string
  readonly lines: TraceLines
  readonly tail: string[]
  shown: number
}

/** The lines of all jobs as they come, each behind its job's name: `$ ` for a command, `> ` for output. Then the summary. */
export function textReporter(options: TextReporterOptions): RunReporter {
  const { out, err, colors } = options
  const printed = new Map<number, Printed>()
  let follower: TraceFollower | undefined
  let family: RunFamily | undefined
  let width = 0

  function widen(names: readonly string[]): void {
    width = Math.min(WIDEST_NAME, Math.max(width, ...names.map(columnsOf)))
  }

  function printedOf(app: App, jobId: number): Printed {
    let job = printed.get(jobId)
    if (!job) {
      const prefix = jobPrefix(shownName(app.store.jobs.find(jobId)) ?? String(jobId), width, colors)
      printed.set(jobId, (job = { prefix, lines: traceLines(), tail: [], shown: 0 }))
    }
    return job
  }

  /** Jobs of pipelines that a trigger job started have its name before theirs. */
  function shownName(job: Job | undefined): string | undefined {
    return job && `${family?.prefixOf(job.pipelineId) ?? ''}${job.name}`
  }

  function print(job: Printed, lines: readonly TraceLine[]): void {
    if (lines.length === 0) return
    let text = ''
    for (const line of lines) {
      const { text: row, shown } = jobLine(job.prefix, line, colors)
      text += row
      if (line.kind === 'command') continue
      job.shown++
      job.tail.push(shown.slice(0, LONGEST_TAIL_LINE))
      if (job.tail.length > FAILURE_LINES) job.tail.shift()
    }
    out(text)
  }

  function end(app: App, jobId: number): void {
    const state = printedOf(app, jobId)
    print(state, state.lines.end())
    const job = app.store.jobs.find(jobId)
    if (job && job.startedAt !== null) out(`${state.prefix}  ${endLine(job, colors)}\n`)
  }

  function started(app: App, pipeline: Pipeline, prefix: string): void {
    const jobs = latestJobs(app.store, pipeline.id)
    if (jobs.length === 0) return // it could not be made, and its trigger job says why
    widen(jobs.map((job) => `${prefix}${job.name}`))
    const by = colors.dim(` · started by ${prefix.slice(0, -1)}`)
    err(`${headline(pipeline, jobs.length, colors)}${by}\n`)
  }

  function listen(app: App, pipelineId: number): void {
    const belonging = runFamily(app, pipelineId, (pipeline, prefix) => started(app, pipeline, prefix))
    family = belonging
    const pathOf = (jobId: number): string => {
      const job = app.store.jobs.find(jobId)
      return job ? app.store.traces.pathOf(job) : ''
    }
    const followed = (follower = followTraces({
      pathOf,
      onBegin: (jobId) => out(`${printedOf(app, jobId).prefix}  starting\n`),
      onBytes: (jobId, bytes) => {
        const job = printedOf(app, jobId)
        print(job, job.lines.push(bytes))
      },
      onEnd: (jobId) => end(app, jobId),
    }))
    app.engine.events.on((event) => {
      if (event.type === 'pipeline' || !belonging.has(event.pipelineId)) return
      if (event.type === 'trace') return followed.look(event.jobId)
      if (event.to === 'running') followed.begin(event.jobId)
      if (isCompleted(event.to) && event.to !== 'skipped') followed.end(event.jobId)
    })
  }

  function summaryJob(
    app: App,
    job: Job,
    where: ReadonlyMap<string, SummaryJob['location']>,
    prefix: string,
  ): SummaryJob {
    const lines = printed.get(job.id)
    return {
      name: job.name,
      ...(prefix === '' ? {} : { inside: { prefix, jobId: job.id } }),
      starts: job.kind === 'bridge' ? (app.store.pipelines.startedBy(job.id)?.id ?? null) : null,
      stageIndex: job.stageIndex,
      status: job.status,
      allowFailure: job.allowFailure,
      scheduling: job.scheduling,
      needs: job.needs.map((need) => need.job),
      exitCode: job.exitCode,
      failureReason: job.failureReason,
      duration: secondsOf(job),
      coverage: job.coverage,
      location: where.get(job.name) ?? null,
      tail: lines?.tail ?? [],
      earlierLines: lines ? lines.shown - lines.tail.length : 0,
    }
  }

  function summaryJobs(app: App, pipelineId: number): SummaryJob[] {
    const where = new Map(
      app.store.configs.traceOf(pipelineId)?.jobs.map((verdict) => [verdict.job, verdict.location]),
    )
    const prefix = family?.prefixOf(pipelineId) ?? ''
    return latestJobs(app.store, pipelineId).map((job) => summaryJob(app, job, where, prefix))
  }

  return {
    notice: (text) => err(`${colors.dim('notice:')} ${text}\n`),
    warnings: (warnings, sources) => err(renderFailure({ problems: warnings, sources })),
    failed: (failure) => err(renderFailure(failure)),
    created(app, pipelineId) {
      const jobs = latestJobs(app.store, pipelineId)
      widen(jobs.map(({ name }) => name))
      const pipeline = app.store.pipelines.find(pipelineId)
      if (pipeline) err(`${headline(pipeline, jobs.length, colors)}\n`)
      listen(app, pipelineId)
    },
    async finished(app, pipeline) {
      await follower?.idle()
      const pipelines = family?.all() ?? [pipeline]
      const jobs = pipelines.flatMap(({ id }) => summaryJobs(app, id))
      const [first] = latestJobs(app.store, pipeline.id)
      out(
        renderSummary({
          jobs,
          started: pipelines
            .slice(1)
            .map(({ id, status }) => ({ id, status, prefix: family?.prefixOf(id) ?? '' })),
          status: pipeline.status,
          seconds: options.elapsed(),
          logFolder: first ? dirname(app.store.traces.pathOf(first)) : app.store.stateDir,
          commandSuffix: options.commandSuffix,
          colors,
        }),
      )
    },
  }
}

function headline(pipeline: Pipeline, jobs: number, colors: Colors): string {
  const at = `${pipeline.ref}@${pipeline.sha.slice(0, 8)}${pipeline.snapshotSha === null ? '' : ' with changes'}`
  return colors.dim(`pipeline ${pipeline.id} · ${at} · ${pipeline.source} · ${counted(jobs, 'job')}`)
}

function endLine(job: Job, colors: Colors): string {
  const took = `finished in ${durationText(secondsOf(job) ?? 0)}`
  if (job.status === 'success') return `${took}  ${colors.green('PASS')}`
  if (job.status === 'canceled') return `${took}  ${colors.yellow('CANCELED')}`
  const how = job.failureReason === 'script_failure' ? String(job.exitCode ?? '') : (job.failureReason ?? '')
  return `${took}  ${job.allowFailure ? colors.yellow('WARN') : colors.red('FAIL')} ${how}`.trimEnd()
}

function secondsOf(job: Job): number | null {
  return elapsedSeconds(job.startedAt, job.finishedAt)
}
