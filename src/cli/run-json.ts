import type { App } from '../app.ts'
import type { Job } from '../model/job.ts'
import { isCompleted } from '../model/status.ts'
import type { CommandContext } from './context.ts'
import { renderFailure } from './failure.ts'
import { runFamily } from './run-family.ts'
import { finishedRecord, SCHEMA } from './run-record.ts'
import { latestJobs, pipelineRecord } from '../pipeline/event-records.ts'
import { reportFamily, reportJob } from './run-report.ts'
import type { RunReporter } from './run-reporter.ts'

/** One JSON object a line on stdout; notices on stderr; the output of jobs goes to their log files only. */
export function jsonReporter({ out, err }: Pick<CommandContext, 'out' | 'err'>): RunReporter {
  const say = (record: Readonly<Record<string, unknown>>): void => out(`${JSON.stringify(record)}\n`)

  return {
    notice: (text) => err(`notice: ${text}\n`),
    warnings: (warnings, sources) => err(renderFailure({ problems: warnings, sources })),
    failed: ({ problems }) => say(finishedRecord({ errors: problems })),
    created(app, pipelineId) {
      say(createdRecord(app, pipelineId))
      const family = runFamily(app, pipelineId, ({ id, parentJobId }) =>
        say({ ...createdRecord(app, id), trigger_job: triggerJob(app, parentJobId) }),
      )
      app.engine.events.on((event) => {
        if (event.type !== 'job' || !family.has(event.pipelineId)) return
        const job = app.store.jobs.find(event.jobId)
        if (!job) return
        if (event.to === 'running')
          say({
            type: 'job.started',
            schema: SCHEMA,
            pipeline_id: event.pipelineId,
            job: startedJob(app, job),
          })
        if (isCompleted(event.to))
          say({
            type: 'job.finished',
            schema: SCHEMA,
            pipeline_id: event.pipelineId,
            job: reportJob(app.store, job),
          })
      })
    },
    finished(app, pipeline) {
      const { jobs, children } = reportFamily(app.store, pipeline)
      say(finishedRecord({ pipeline: pipelineRecord(pipeline), jobs, children }))
      return Promise.resolve()
    },
  }
}

/** The job that started a pipeline. */
function triggerJob(app: App, jobId: number | null): Readonly<Record<string, unknown>> | null {
  const job = jobId === null ? undefined : app.store.jobs.find(jobId)
  return job ? { id: job.id, name: job.name, pipeline_id: job.pipelineId } : null
}

/** The pipeline as it was made: with each job the clauses that put it in. */
function createdRecord(app: App, pipelineId: number): Readonly<Record<string, unknown>> {
  const pipeline = app.store.pipelines.find(pipelineId)
  const verdicts = new Map(
    app.store.configs.traceOf(pipelineId)?.jobs.map((verdict) => [verdict.job, verdict]),
  )
  return {
    type: 'pipeline.created',
    schema: SCHEMA,
    pipeline: pipeline ? pipelineRecord(pipeline) : null,
    jobs: latestJobs(app.store, pipelineId).map((job) => ({
      id: job.id,
      name: job.name,
      stage: job.stage,
      status: job.status,
      allow_failure: job.allowFailure,
      when: job.when,
      needs: job.needs.map((need) => need.job),
      because: verdicts.get(job.name)?.because ?? null,
      rules: verdicts.get(job.name)?.steps ?? [],
    })),
  }
}

function startedJob(app: App, job: Job): Readonly<Record<string, unknown>> {
  const { id, name, stage, status, started_at, log_path } = reportJob(app.store, job)
  return { id, name, stage, status, started_at, log_path }
}
