import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import type { JobOptions, JobPlan, NeedPlan, When } from '../model/plan.ts'
import type { Status } from '../model/status.ts'
import type { Variable } from '../model/variable.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

/** What is stored as JSON beside a job: what its runner and its page need, and nothing that is queried. */
export interface StoredOptions {
  readonly options: JobOptions
  readonly variables: readonly Variable[]
  readonly tags: readonly string[]
  readonly dependencies: readonly string[] | null
  readonly parallel: JobPlan['parallel']
  readonly allowFailureExitCodes: readonly number[]
  readonly interruptible: boolean
  readonly resourceGroup: string | null
}

interface Row extends Omit<Job, 'allowFailure' | 'retried' | 'needs' | 'tags' | 'dependencies' | 'options'> {
  readonly allowFailure: number
  readonly retried: number
}

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
}

/** What a job adds to the figures of its pipeline. */
export interface JobFigures {
  readonly status: Status
  readonly allowFailure: boolean
  readonly coverage: number | null
  readonly startedAt: number | null
  readonly finishedAt: number | null
}

export interface JobFilter {
  readonly statuses: readonly Status[]
  readonly includeRetried: boolean
}

/** A change of status and what is recorded with it; a missing field stays as it is. */
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

const columns = `id, pipeline_id as pipelineId, project_id as projectId, name, stage, stage_index as stageIndex, "when",
  allow_failure as allowFailure, scheduling, status, failure_reason as failureReason, exit_code as exitCode, coverage, retried, attempt,
  created_at as createdAt, queued_at as queuedAt, started_at as startedAt, finished_at as finishedAt, scheduled_at as scheduledAt,
  erased_at as erasedAt, trace_size as traceSize, isolation`

export function jobsTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into jobs (pipeline_id, project_id, name, stage, stage_index, "when", start_in, allow_failure, scheduling, status, attempt, created_at)
       values (@pipelineId, @projectId, @name, @stage, @stageIndex, @when, @startIn, @allowFailure, @scheduling, 'created', @attempt, @now)`,
    ),
  )
  const insertOptions = lazily(() =>
    database.prepare<[number, string]>('insert into job_options (job_id, options) values (?, ?)'),
  )
  const insertNeed = lazily(() =>
    database.prepare<[number, number, string, number, number]>(
      'insert into job_needs (job_id, position, name, artifacts, optional) values (?, ?, ?, ?, ?)',
    ),
  )
  const find = lazily(() => database.prepare<[number], Row>(`select ${columns} from jobs where id = ?`))
  const ofPipeline = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from jobs where pipeline_id = ? order by id`),
  )
  const heads = lazily(() =>
    database.prepare<[number], Omit<JobHead, 'allowFailure'> & { allowFailure: number }>(
      `select id, name, stage_index as stageIndex, "when", start_in as startIn, allow_failure as allowFailure, scheduling, status
       from jobs where pipeline_id = ? and retried = 0 order by id`,
    ),
  )
  const head = lazily(() =>
    database.prepare<[number], Omit<JobHead, 'allowFailure'> & { allowFailure: number }>(
      `select id, name, stage_index as stageIndex, "when", start_in as startIn, allow_failure as allowFailure, scheduling, status
       from jobs where id = ?`,
    ),
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
  const needsOf = lazily(() =>
    database.prepare<[number], NeedRow>(
      'select name as job, artifacts, optional from job_needs where job_id = ? order by position',
    ),
  )
  const figures = lazily(() =>
    database.prepare<[number], Omit<JobFigures, 'allowFailure'> & { allowFailure: number }>(
      `select status, allow_failure as allowFailure, coverage, started_at as startedAt, finished_at as finishedAt
       from jobs where pipeline_id = ? and retried = 0`,
    ),
  )
  const options = lazily(() =>
    database.prepare<[number], { options: string }>('select options from job_options where job_id = ?'),
  )
  const setStatus = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `update jobs set status = @to,
         queued_at = case when @to = 'pending' then @now else queued_at end,
         started_at = case when @to = 'running' then @now else started_at end,
         finished_at = case when @to in ('success', 'failed', 'canceled') then @now else finished_at end,
         failure_reason = coalesce(@failureReason, failure_reason),
         exit_code = coalesce(@exitCode, exit_code),
         allow_failure = coalesce(@allowFailure, allow_failure),
         scheduled_at = coalesce(@scheduledAt, scheduled_at)
       where id = @id and status = @from`,
    ),
  )
  const nextPending = lazily(() =>
    database.prepare<[number], { id: number }>(
      `select jobs.id from jobs join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status = 'pending' and pipelines.owner = ? order by jobs.id limit 1`,
    ),
  )
  const giveToken = lazily(() =>
    database.prepare<[Buffer, number]>('update jobs set token_hash = ? where id = ?'),
  )
  const byToken = lazily(() =>
    database.prepare<[Buffer], { id: number }>('select id from jobs where token_hash = ?'),
  )
  const setRunning = lazily(() =>
    database.prepare<[string, number, string, string, number]>(
      'update jobs set isolation = ?, pid = ?, pid_start = ?, boot_id = ? where id = ?',
    ),
  )
  const setTraceSize = lazily(() =>
    database.prepare<[number, number]>('update jobs set trace_size = ? where id = ?'),
  )
  const setCoverage = lazily(() =>
    database.prepare<[number, number]>('update jobs set coverage = ? where id = ?'),
  )
  const setRetried = lazily(() => database.prepare<[number]>('update jobs set retried = 1 where id = ?'))
  const dueAt = lazily(() =>
    database.prepare<[number], { at: number | null }>(
      `select min(jobs.scheduled_at) as at from jobs join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status = 'scheduled' and pipelines.owner = ?`,
    ),
  )
  const due = lazily(() =>
    database.prepare<[number, number], { id: number; pipelineId: number }>(
      `select jobs.id, pipeline_id as pipelineId from jobs join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status = 'scheduled' and jobs.scheduled_at <= ? and pipelines.owner = ?`,
    ),
  )
  const running = lazily(() =>
    database.prepare<[number], RunningJob>(
      `select jobs.id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, jobs.status from jobs
       join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status in ('running', 'canceling', 'preparing') and pipelines.owner = ?`,
    ),
  )

  const withArtifacts = lazily(() =>
    database.prepare<[number], { id: number; name: string; stageIndex: number; size: number }>(
      `select jobs.id, jobs.name, stage_index as stageIndex, artifacts.size from jobs
       join artifacts on artifacts.job_id = jobs.id and artifacts.kind = 'archive'
       where pipeline_id = ? and retried = 0 order by jobs.id`,
    ),
  )
  const newestWithArtifacts = lazily(() =>
    database.prepare<[number, string], { id: number; name: string; size: number }>(
      `select jobs.id, jobs.name, artifacts.size from jobs
       join artifacts on artifacts.job_id = jobs.id and artifacts.kind = 'archive'
       where jobs.project_id = ? and jobs.name = ? and jobs.status = 'success' order by jobs.id desc limit 1`,
    ),
  )
  const traceBytes = lazily(() =>
    database.prepare<[number], { bytes: number | null }>(
      'select sum(trace_size) as bytes from jobs where pipeline_id = ?',
    ),
  )
  const files = lazily(() =>
    database.prepare<[number], { id: number; createdAt: number }>(
      'select id, created_at as createdAt from jobs where pipeline_id = ?',
    ),
  )

  function complete(row: Row): Job {
    const stored = optionsOf(row.id)
    return {
      ...row,
      allowFailure: row.allowFailure === 1,
      retried: row.retried === 1,
      needs: needsOf().all(row.id).map(fromNeedRow),
      tags: stored.tags,
      dependencies: stored.dependencies,
      options: stored.options,
    }
  }

  function optionsOf(id: number): StoredOptions {
    const row = options().get(id)
    if (!row) throw new Error(`job ${id} has no options`)
    return JSON.parse(row.options) as StoredOptions
  }

  function add(job: NewJob, now: number): number {
    const id = Number(
      insert().run({
        pipelineId: job.pipelineId,
        projectId: job.projectId,
        name: job.name,
        stage: job.stage,
        stageIndex: job.stageIndex,
        when: job.when,
        startIn: job.startIn,
        allowFailure: Number(job.allowFailure),
        scheduling: job.scheduling,
        attempt: job.attempt,
        now,
      }).lastInsertRowid,
    )
    insertOptions().run(id, JSON.stringify(job.stored))
    for (const [position, need] of job.needs.entries()) {
      insertNeed().run(id, position, need.job, Number(need.artifacts), Number(need.optional))
    }
    return id
  }

  return {
    add,
    find(id: number): Job | undefined {
      const row = find().get(id)
      return row && complete(row)
    },
    statusOf: (id: number): Status | undefined => statusOf().get(id)?.status,
    findByToken(token: string): Job | undefined {
      const row = byToken().get(seal.fingerprint(token))
      return row && this.find(row.id)
    },
    /** All attempts, oldest first. */
    ofPipeline: (pipelineId: number): Job[] => ofPipeline().all(pipelineId).map(complete),
    /** One page of a pipeline's jobs, newest id first, and how many there are. An empty list of statuses means all. */
    page(
      pipelineId: number,
      filter: JobFilter,
      page: { readonly limit: number; readonly offset: number },
    ): { jobs: Job[]; total: number } {
      const where =
        'pipeline_id = ? and (retried = 0 or ?) and (? = 0 or status in (select value from json_each(?)))'
      const values = [
        pipelineId,
        Number(filter.includeRetried),
        filter.statuses.length,
        JSON.stringify(filter.statuses),
      ]
      const rows = database
        .prepare<unknown[], Row>(
          `select ${columns} from jobs where ${where} order by id desc limit ? offset ?`,
        )
        .all(...values, page.limit, page.offset)
      const count = database
        .prepare<unknown[], { total: number }>(`select count(*) as total from jobs where ${where}`)
        .get(...values)
      return { jobs: rows.map(complete), total: count?.total ?? 0 }
    },
    /** What a pipeline's duration, coverage and warnings are made from: its latest attempts. */
    figuresOf: (pipelineId: number): JobFigures[] =>
      figures()
        .all(pipelineId)
        .map((row) => ({ ...row, allowFailure: row.allowFailure === 1 })),
    /** The latest attempts only, without what the scheduler does not read. */
    headsOf: (pipelineId: number): JobHead[] =>
      heads()
        .all(pipelineId)
        .map((row) => ({ ...row, allowFailure: row.allowFailure === 1 })),
    headOf(id: number): JobHead {
      const row = head().get(id)
      if (!row) throw new Error(`there is no job ${id}`)
      return { ...row, allowFailure: row.allowFailure === 1 }
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
    optionsOf,
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
    giveToken: (id: number, token: string): void => void giveToken().run(seal.fingerprint(token), id),
    recordProcess: (
      id: number,
      held: {
        readonly isolation: string
        readonly pid: number
        readonly pidStart: string
        readonly bootId: string
      },
    ): void => void setRunning().run(held.isolation, held.pid, held.pidStart, held.bootId, id),
    setTraceSize: (id: number, size: number): void => void setTraceSize().run(size, id),
    setCoverage: (id: number, coverage: number): void => void setCoverage().run(coverage, id),
    markRetried: (id: number): void => void setRetried().run(id),
    /** When the next delayed job of a process may start, in milliseconds since the epoch. */
    nextScheduledAt: (owner: number): number | null => dueAt().get(owner)?.at ?? null,
    due: (owner: number, now: number): { id: number; pipelineId: number }[] => due().all(now, owner),
    /** The latest attempts of a pipeline that left an archive, oldest first. */
    withArtifacts: (pipelineId: number): { id: number; name: string; stageIndex: number; size: number }[] =>
      withArtifacts().all(pipelineId),
    /** The newest success of a job by name that left an archive, in whatever pipeline. */
    newestWithArtifacts: (
      projectId: number,
      name: string,
    ): { id: number; name: string; size: number } | undefined => newestWithArtifacts().get(projectId, name),
    traceBytesOf: (pipelineId: number): number => traceBytes().get(pipelineId)?.bytes ?? 0,
    /** What names the files of a pipeline's jobs. */
    filesOf: (pipelineId: number): { id: number; createdAt: number }[] => files().all(pipelineId),
    runningOf: (owner: number): RunningJob[] => running().all(owner),
  }
}

export interface NewJob {
  readonly pipelineId: number
  readonly projectId: number
  readonly name: string
  readonly stage: string
  readonly stageIndex: number
  readonly when: When
  readonly startIn: number | null
  readonly allowFailure: boolean
  readonly scheduling: 'stage' | 'dag'
  readonly attempt: number
  readonly needs: readonly NeedPlan[]
  readonly stored: StoredOptions
}

/** A job whose process may have outlived the process that started it. */
export interface RunningJob {
  readonly id: number
  readonly pipelineId: number
  readonly status: Status
  readonly pid: number | null
  readonly pidStart: string | null
  readonly bootId: string | null
}

interface NeedRow {
  readonly job: string
  readonly artifacts: number
  readonly optional: number
}

function fromNeedRow(row: NeedRow): NeedPlan {
  return { job: row.job, artifacts: row.artifacts === 1, optional: row.optional === 1 }
}
