import { lazily, type Database } from './database.ts'

/** A job in one of these is in somebody's hands, or waits for some. */
export type StatusAtWork = 'pending' | 'running' | 'canceling'

/** A delayed job whose time has come. */
export interface DueJob {
  readonly id: number
  readonly pipelineId: number
  readonly scheduledAt: number
}

/** A partial index serves only who repeats its condition word by word. */
const atWork = "jobs.status in ('pending', 'running', 'canceling')"

/** What the clock asks about jobs, of the pipelines of one process each. Times are milliseconds since the epoch. */
export function jobClock(database: Database) {
  const nextDue = lazily(() =>
    database.prepare<[number], { at: number | null }>(
      `select min(jobs.scheduled_at) as at from jobs indexed by jobs_scheduled
       join pipelines on pipelines.id = jobs.pipeline_id where jobs.status = 'scheduled' and pipelines.owner = ?`,
    ),
  )
  const due = lazily(() =>
    database.prepare<[number, number], DueJob>(
      `select jobs.id, pipeline_id as pipelineId, scheduled_at as scheduledAt from jobs indexed by jobs_scheduled
       join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status = 'scheduled' and jobs.scheduled_at <= ? and pipelines.owner = ?`,
    ),
  )
  const shift = lazily(() =>
    database.prepare<[number, number]>(
      `update jobs set scheduled_at = scheduled_at + ? where status = 'scheduled'
       and pipeline_id in (select id from pipelines where owner = ?)`,
    ),
  )
  const unchangedIn = (status: StatusAtWork) =>
    lazily(() =>
      database.prepare<[number, number], { id: number; projectId: number }>(
        `select jobs.id, jobs.project_id as projectId from jobs indexed by jobs_at_work
         join pipelines on pipelines.id = jobs.pipeline_id
         where ${atWork} and jobs.status = '${status}' and jobs.updated_at < ? and pipelines.owner = ? and jobs.kind = 'build'`,
      ),
    )
  const unchanged = {
    pending: unchangedIn('pending'),
    running: unchangedIn('running'),
    canceling: unchangedIn('canceling'),
  }
  const overTime = lazily(() =>
    database.prepare<[number, number], { id: number }>(
      `select jobs.id from jobs indexed by jobs_at_work join pipelines on pipelines.id = jobs.pipeline_id
       where ${atWork} and jobs.status = 'running' and jobs.started_at + jobs.timeout * 1000 < ?
         and pipelines.owner = ? and jobs.kind = 'build'`,
    ),
  )
  return {
    /** When the next delayed job may start; null: there is none. */
    nextScheduledAt: (owner: number): number | null => nextDue().get(owner)?.at ?? null,
    due: (owner: number, now: number): DueJob[] => due().all(now, owner),
    /** Moves the instants of all delayed jobs: the clock was set. */
    shiftSchedule: (owner: number, by: number): void => void shift().run(by, owner),
    /** Jobs that have been in a status since before an instant, without a sign of life. */
    unchangedSince: (
      status: StatusAtWork,
      before: number,
      owner: number,
    ): { id: number; projectId: number }[] => unchanged[status]().all(before, owner),
    /** Running jobs whose time limit, counted from their start, had passed at an instant. */
    overTime: (at: number, owner: number): { id: number }[] => overTime().all(at, owner),
  }
}
