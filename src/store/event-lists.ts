import { lazily, type Database } from './database.ts'

/** What happened, in the order in which it is told; within one millisecond by rank. */
export const EVENT_RANKS = ['pipeline.created', 'job.started', 'job.finished', 'pipeline.finished'] as const

/** One thing that happened, as the rows tell it. */
export interface HappenedRow {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Index in `EVENT_RANKS`. */
  readonly rank: number
  /** Of the pipeline or of the job. */
  readonly id: number
}

/** The history of pipelines, read out of their rows: nothing is kept for it, so it survives a restart. */
export function eventLists(database: Database) {
  const changedSince = lazily(() =>
    database.prepare<[Record<string, number>], { id: number }>(
      `select id from pipelines where project_id = @projectId and updated_at >= @since
       union select id from pipelines where project_id = @projectId and finished_at is null`,
    ),
  )
  const happened = lazily(() =>
    database.prepare<[Record<string, string | number>], HappenedRow>(
      `with wanted as (select value as id from json_each(@ids)),
       happened as (
         select created_at as at, 0 as rank, pipelines.id from wanted join pipelines using (id) where created_at >= @at
         union all select started_at, 1, jobs.id from wanted join jobs on jobs.pipeline_id = wanted.id where started_at >= @at
         union all select coalesce(finished_at, updated_at), 2, jobs.id from wanted join jobs on jobs.pipeline_id = wanted.id
           where status in ('success', 'failed', 'canceled', 'skipped') and coalesce(finished_at, updated_at) >= @at
         union all select finished_at, 3, pipelines.id from wanted join pipelines using (id) where finished_at >= @at)
       select at, rank, id from happened where at < @before and (at, rank, id) > (@at, @rank, @id)
       order by at, rank, id limit @limit`,
    ),
  )
  return {
    /** Pipelines of a project in which something may have happened since an instant. */
    changedSince: (projectId: number, since: number): number[] =>
      changedSince()
        .all({ projectId, since })
        .map(({ id }) => id),
    /** What happened in these pipelines after a point and before an instant. */
    happened: (
      pipelineIds: readonly number[],
      after: HappenedRow,
      before: number,
      limit: number,
    ): HappenedRow[] => happened().all({ ids: JSON.stringify(pipelineIds), ...after, before, limit }),
  }
}
