import type { App } from '../../app.ts'
import { isCompleted } from '../../model/status.ts'
import { latestJobs } from '../../pipeline/event-records.ts'
import type { OneRun } from './one-run.ts'

/** A run that a watch has started and that has not ended. */
export interface Running {
  readonly run: OneRun
  /** The whole pipeline was asked for: its manual jobs wait in it and are not among those to name. */
  readonly whole: boolean
}

/** The jobs of a run that have not come to their end, with those that wait. */
export function unfinishedJobs(app: App, { run }: Running): string[] {
  return latestJobs(app.store, run.pipelineId).flatMap((job) => (isCompleted(job.status) ? [] : [job.name]))
}

/** Of these runs the ones that have not finished one of these jobs yet: what is new makes them stale. */
export function staleRuns(app: App, runs: Iterable<Running>, jobs: ReadonlySet<string>): Running[] {
  return [...runs].filter((running) => unfinishedJobs(app, running).some((name) => jobs.has(name)))
}
