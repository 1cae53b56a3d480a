import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

export interface StatusCount {
  readonly status: Status
  readonly count: number
}

/** How much there is to do. What has ended is not counted: that would take a pass over everything that ever ran. */
export function statusCounts(database: Database) {
  const pipelines = lazily(() =>
    database.prepare<[], StatusCount>(
      'select status, count(*) as count from pipelines where finished_at is null group by status order by status',
    ),
  )
  const jobs = lazily(() =>
    database.prepare<[], StatusCount>(
      `select jobs.status, count(*) as count from pipelines join jobs on jobs.pipeline_id = pipelines.id
       where pipelines.finished_at is null and jobs.retried = 0 group by jobs.status order by jobs.status`,
    ),
  )
  const oldest = lazily(() =>
    database.prepare<[], { at: number | null }>(
      "select min(queued_at) as at from jobs where status = 'pending' and kind = 'build'",
    ),
  )
  return {
    active: () => ({
      pipelines: pipelines().all(),
      jobs: jobs().all(),
      /** Milliseconds since the epoch; null when no job waits. */
      oldestPendingAt: oldest().get()?.at ?? null,
    }),
  }
}
