import type { FailureReason } from '../model/failure-reason.ts'
import type { JobKind } from '../model/job.ts'
import type { NeedPlan, When } from '../model/plan.ts'
import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

/** The part of a job that the scheduler reads; `needs` come from `needsOf`. */
export interface JobHead {
  readonly id: number
  readonly name: string
  readonly stageIndex: number
  readonly when: When
  readonly startIn: number | null
  readonly allowFailure: boolean
  readonly scheduling: 'stage' | 'dag'
  readonly status: Status
  readonly kind: JobKind
  readonly resourceGroup: string | null
  /** A person or a retry has started it: neither `when: manual` nor a delay holds it again. */
  readonly enqueueNow: boolean
}

/** A change of status and what is recorded with it; a missing field stays as it is, but only a scheduled job has a time. */
export interface StatusChange {
  readonly id: number
  readonly from: Status
  readonly to: Status
  readonly now: number
  readonly failureReason?: FailureReason | null
  readonly exitCode?: number | null
  readonly allowFailure?: boolean
  readonly scheduledAt?: number | null
}

export interface NeedRow {
  readonly job: string
  readonly artifacts: number
  readonly optional: number
}

type HeadRow = Omit<JobHead, 'allowFailure' | 'enqueueNow'> & {
  readonly allowFailure: number
  readonly enqueueNow: number
}

const headColumns = `id, name, stage_index as stageIndex, "when", start_in as startIn, allow_failure as allowFailure, scheduling, status,
  kind, resource_group as resourceGroup, enqueue_now as enqueueNow`

/** What the scheduler reads and changes: heads, needs, statuses. */
export function jobSchedule(database: Database) {
  const heads = lazily(() =>
    database.prepare<[number], HeadRow>(
      `select ${headColumns} from jobs where pipeline_id = ? and retried = 0 order by id`,
    ),
  )
  const head = lazily(() =>
    database.prepare<[number], HeadRow>(`select ${headColumns} from jobs where id = ?`),
  )
  const needsOfPipeline = lazily(() =>
    database.prepare<[number], NeedRow & { jobId: number }>(
      `select job_id as jobId, job_needs.name as job, artifacts, optional from job_needs
       join jobs on jobs.id = job_id where pipeline_id = ? order by job_id, position`,
    ),
  )
  const statusOf = lazily(() =>
    database.prepare<[number], { status: Status }>('select status from jobs where id = ?'),
  )
  const setStatus = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `update jobs set status = @to, updated_at = @now,
         queued_at = case when @to = 'pending' then @now else queued_at end,
         started_at = case when @to = 'running' then max(@now, coalesce(queued_at, @now)) else started_at end,
         finished_at = case when @to in ('success', 'failed', 'canceled') then max(@now, coalesce(started_at, @now))
           when @to in ('created', 'pending', 'running', 'manual') then null else finished_at end,
         failure_reason = case when @to in ('created', 'pending', 'running', 'manual') then null
           else coalesce(@failureReason, failure_reason) end,
         exit_code = coalesce(@exitCode, exit_code),
         allow_failure = coalesce(@allowFailure, allow_failure),
         scheduled_at = @scheduledAt
       where id = @id and status = @from`,
    ),
  )
  const nextPending = lazily(() =>
    database.prepare<[number], { id: number }>(
      `select jobs.id from jobs indexed by jobs_pending join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status = 'pending' and jobs.kind = 'build' and pipelines.owner = ? order by jobs.id limit 1`,
    ),
  )
  const setRetried = lazily(() => database.prepare<[number]>('update jobs set retried = 1 where id = ?'))
  const setUser = lazily(() => database.prepare<[number, number]>('update jobs set user_id = ? where id = ?'))
  const setTimeout = lazily(() =>
    database.prepare<[number, number]>('update jobs set timeout = ? where id = ?'),
  )
  const startedUninterruptible = lazily(() =>
    database.prepare<[number], { found: number }>(
      `select exists (select 1 from jobs where pipeline_id = ? and kind = 'build' and interruptible = 0
         and status in ('running', 'success', 'failed')) as found`,
    ),
  )
  const interruptibleIds = lazily(() =>
    database.prepare<[number], { id: number }>(
      "select id from jobs where pipeline_id = ? and interruptible = 1 and kind <> 'external'",
    ),
  )

  return {
    statusOf: (id: number): Status | undefined => statusOf().get(id)?.status,
    /** The latest attempts only, without what the scheduler does not read. */
    headsOf: (pipelineId: number): JobHead[] => heads().all(pipelineId).map(fromHeadRow),
    headOf(id: number): JobHead {
      const row = head().get(id)
      if (!row) throw new Error(`there is no job ${id}`)
      return fromHeadRow(row)
    },
    needsOfPipeline(pipelineId: number): Map<number, NeedPlan[]> {
      const needs = new Map<number, NeedPlan[]>()
      for (const row of needsOfPipeline().all(pipelineId)) {
        const list = needs.get(row.jobId)
        if (list) list.push(fromNeedRow(row))
        else needs.set(row.jobId, [fromNeedRow(row)])
      }
      return needs
    },
    /** Compare-and-set: false when the job is no longer in `from`, and nothing was changed. */
    setStatus: (change: StatusChange): boolean =>
      setStatus().run({
        id: change.id,
        from: change.from,
        to: change.to,
        now: change.now,
        failureReason: change.failureReason ?? null,
        exitCode: change.exitCode ?? null,
        allowFailure: change.allowFailure === undefined ? null : Number(change.allowFailure),
        scheduledAt: change.scheduledAt ?? null,
      }).changes === 1,
    /** The oldest pending job of a process's pipelines. */
    nextPending: (owner: number): number | undefined => nextPending().get(owner)?.id,
    markRetried: (id: number): void => void setRetried().run(id),
    setUser: (id: number, userId: number): void => void setUser().run(userId, id),
    /** Whether a job that may not be interrupted has begun, in whatever attempt. */
    hasStartedUninterruptible: (pipelineId: number): boolean =>
      startedUninterruptible().get(pipelineId)?.found === 1,
    interruptibleIdsOf: (pipelineId: number): number[] =>
      interruptibleIds()
        .all(pipelineId)
        .map((row) => row.id),
    /** Seconds; fixed when a job starts. */
    setTimeout: (id: number, seconds: number): void => void setTimeout().run(seconds, id),
  }
}

function fromHeadRow(row: HeadRow): JobHead {
  return { ...row, allowFailure: row.allowFailure === 1, enqueueNow: row.enqueueNow === 1 }
}

export function fromNeedRow(row: NeedRow): NeedPlan {
  return { job: row.job, artifacts: row.artifacts === 1, optional: row.optional === 1 }
}
