import type { FailureReason } from '../model/failure-reason.ts'
import type { Job, JobKind } from '../model/job.ts'
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
  /** What was given for the job's own `inputs` when it was started; the defaults hold for the others. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** Of a bridge with `needs:pipeline`: the pipeline whose status it has. */
  readonly upstreamPipelineId?: number
}

interface Row extends Omit<
  Job,
  'allowFailure' | 'retried' | 'interruptible' | 'needs' | 'tags' | 'dependencies' | 'options'
> {
  readonly allowFailure: number
  readonly retried: number
  readonly interruptible: number
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
  readonly kind: JobKind
  readonly resourceGroup: string | null
  /** A person or a retry has started it: neither `when: manual` nor a delay holds it again. */
  readonly enqueueNow: boolean
}

type HeadRow = Omit<JobHead, 'allowFailure' | 'enqueueNow'> & {
  readonly allowFailure: number
  readonly enqueueNow: number
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
  /** Absent: all kinds. */
  readonly kind?: JobKind
  readonly statuses: readonly Status[]
  readonly includeRetried: boolean
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

const columns = `id, pipeline_id as pipelineId, project_id as projectId, name, stage, stage_index as stageIndex, "when",
  allow_failure as allowFailure, scheduling, status, failure_reason as failureReason, exit_code as exitCode, coverage, retried, attempt,
  created_at as createdAt, queued_at as queuedAt, started_at as startedAt, finished_at as finishedAt, scheduled_at as scheduledAt,
  erased_at as erasedAt, trace_size as traceSize, isolation, kind, interruptible,
  resource_group as resourceGroup, environment, user_id as userId, timeout`

const headColumns = `id, name, stage_index as stageIndex, "when", start_in as startIn, allow_failure as allowFailure, scheduling, status,
  kind, resource_group as resourceGroup, enqueue_now as enqueueNow`

export function jobsTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into jobs (pipeline_id, project_id, name, stage, stage_index, "when", start_in, allow_failure, scheduling, status, attempt,
         kind, interruptible, resource_group, environment, user_id, enqueue_now, created_at, updated_at)
       values (@pipelineId, @projectId, @name, @stage, @stageIndex, @when, @startIn, @allowFailure, @scheduling, 'created', @attempt,
         @kind, @interruptible, @resourceGroup, @environment, @userId, @enqueueNow, @now, @now)`,
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
  const setOptions = lazily(() =>
    database.prepare<[string, number]>('update job_options set options = ? where job_id = ?'),
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
  const runningOfPipeline = lazily(() =>
    database.prepare<[number], RunningJob>(
      `select id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, status from jobs
       where pipeline_id = ? and kind = 'build' and status in ('running', 'canceling', 'preparing')`,
    ),
  )
  const running = lazily(() =>
    database.prepare<[number], RunningJob>(
      `select jobs.id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, jobs.status from jobs
       join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status in ('running', 'canceling', 'preparing') and jobs.kind = 'build' and pipelines.owner = ?
         and pipelines.finished_at is null`,
    ),
  )
  const bridgeCount = lazily(() =>
    database.prepare<[number], { count: number }>(
      `select count(*) as count from jobs where pipeline_id = ? and kind = 'bridge' and retried = 0`,
    ),
  )
  const waitingBridges = lazily(() =>
    database.prepare<[number], { id: number }>(
      `select jobs.id from pipelines join jobs on jobs.pipeline_id = pipelines.id
       where pipelines.owner = ? and pipelines.finished_at is null and jobs.kind = 'bridge' and jobs.retried = 0
         and jobs.status in ('pending', 'running', 'manual', 'scheduled') order by jobs.id`,
    ),
  )
  const newestOfRef = lazily(() =>
    database.prepare<[number, string, string], { id: number; pipelineId: number }>(
      `select jobs.id, jobs.pipeline_id as pipelineId from jobs join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.project_id = ? and pipelines.ref = ? and jobs.name = ? and jobs.status = 'success' and jobs.retried = 0
         and jobs.kind = 'build' order by jobs.id desc limit 1`,
    ),
  )
  const latestNamed = lazily(() =>
    database.prepare<[number, string], { id: number; status: Status }>(
      `select id, status from jobs where pipeline_id = ? and name = ? and retried = 0 and kind = 'build'`,
    ),
  )
  const setUpstream = lazily(() =>
    database.prepare<[number, number]>(
      `update job_options set options = json_set(options, '$.upstreamPipelineId', ?) where job_id = ?`,
    ),
  )

  const setUser = lazily(() => database.prepare<[number, number]>('update jobs set user_id = ? where id = ?'))
  const setTimeout = lazily(() =>
    database.prepare<[number, number]>('update jobs set timeout = ? where id = ?'),
  )
  const touch = lazily(() =>
    database.prepare<[number, number]>('update jobs set updated_at = ? where id = ?'),
  )
  const setErased = lazily(() =>
    database.prepare<[number, number]>(
      'update jobs set erased_at = ?, trace_size = 0, has_archive = 0 where id = ?',
    ),
  )
  const dropArchive = lazily(() => database.prepare<[number]>('update jobs set has_archive = 0 where id = ?'))
  const processOf = lazily(() =>
    database.prepare<[number], RunningJob>(
      `select id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, status from jobs where id = ?`,
    ),
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
  const withArtifacts = lazily(() =>
    database.prepare<[number, number], { id: number; name: string; stageIndex: number; size: number }>(
      `select jobs.id, jobs.name, stage_index as stageIndex, artifacts.size from jobs indexed by jobs_with_archive
       join artifacts on artifacts.job_id = jobs.id and artifacts.kind = 'archive'
       where pipeline_id = ? and stage_index < ? and has_archive = 1 and retried = 0 order by jobs.id`,
    ),
  )
  const namedArtifacts = lazily(() =>
    database.prepare<[number, string], { id: number; name: string; stageIndex: number; size: number }>(
      `select jobs.id, jobs.name, stage_index as stageIndex, artifacts.size from jobs indexed by jobs_by_name
       join artifacts on artifacts.job_id = jobs.id and artifacts.kind = 'archive'
       where pipeline_id = ? and jobs.name = ? and retried = 0`,
    ),
  )
  const newestWithArtifacts = lazily(() =>
    database.prepare<[number, string], { id: number; name: string; size: number }>(
      `select jobs.id, jobs.name, artifacts.size from jobs indexed by jobs_newest_archive
       join artifacts on artifacts.job_id = jobs.id and artifacts.kind = 'archive'
       where jobs.project_id = ? and jobs.name = ? and has_archive = 1 and jobs.status = 'success' order by jobs.id desc limit 1`,
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
      interruptible: row.interruptible === 1,
      needs: needsOf().all(row.id).map(fromNeedRow),
      tags: stored.tags,
      dependencies: stored.dependencies,
      options: stored.options,
    }
  }

  function optionsOf(id: number): StoredOptions {
    const row = options().get(id)
    if (!row) throw new Error(`job ${id} has no options`)
    const { sealedInputs, ...stored } = JSON.parse(row.options) as StoredOptions & { sealedInputs?: string }
    if (sealedInputs === undefined) return stored
    const inputs = JSON.parse(seal.open(Buffer.from(sealedInputs, 'base64'))) as StoredOptions['inputs'] &
      object
    return { ...stored, inputs }
  }

  /** People type secrets into inputs too: they are kept as variables are. */
  function withSealedInputs({ inputs, ...stored }: StoredOptions): string {
    if (inputs === undefined) return JSON.stringify(stored)
    const sealedInputs = seal.seal(JSON.stringify(inputs)).toString('base64')
    return JSON.stringify({ ...stored, sealedInputs })
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
        kind: job.kind,
        interruptible: Number(job.stored.interruptible),
        resourceGroup: job.resourceGroup,
        environment: job.environment,
        userId: job.userId,
        enqueueNow: Number(job.enqueueNow ?? false),
        now,
      }).lastInsertRowid,
    )
    insertOptions().run(id, withSealedInputs(job.stored))
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
        'pipeline_id = ? and (? is null or kind = ?) and (retried = 0 or ?) and (? = 0 or status in (select value from json_each(?)))'
      const values = [
        pipelineId,
        filter.kind ?? null,
        filter.kind ?? null,
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
    /** What was given for the job's own `inputs`. */
    setInputs: (id: number, inputs: Readonly<Record<string, unknown>>): void =>
      void setOptions().run(withSealedInputs({ ...optionsOf(id), inputs }), id),
    setUser: (id: number, userId: number): void => void setUser().run(userId, id),
    /** Seconds; fixed when a job starts. */
    setTimeout: (id: number, seconds: number): void => void setTimeout().run(seconds, id),
    /** A sign of life. */
    touch: (id: number, now: number): void => void touch().run(now, id),
    /** Says that log and artifacts are gone; the files are the caller's. */
    markErased: (id: number, now: number): void => void setErased().run(now, id),
    /** Says that there is no archive any more. */
    dropArchive: (id: number): void => void dropArchive().run(id),
    /** The recorded process of a job. */
    processOf: (id: number): RunningJob | undefined => processOf().get(id),
    /** Whether a job that may not be interrupted has begun, in whatever attempt. */
    hasStartedUninterruptible: (pipelineId: number): boolean =>
      startedUninterruptible().get(pipelineId)?.found === 1,
    interruptibleIdsOf: (pipelineId: number): number[] =>
      interruptibleIds()
        .all(pipelineId)
        .map((row) => row.id),
    /** The latest attempts before a stage that left an archive, oldest first. */
    withArtifacts: (
      pipelineId: number,
      beforeStage: number,
    ): { id: number; name: string; stageIndex: number; size: number }[] =>
      withArtifacts().all(pipelineId, beforeStage),
    /** The latest attempt of one job, when it left an archive. */
    archiveOf: (
      pipelineId: number,
      name: string,
    ): { id: number; name: string; stageIndex: number; size: number } | undefined =>
      namedArtifacts().get(pipelineId, name),
    /** The newest success of a job by name that left an archive, in whatever pipeline. */
    newestWithArtifacts: (
      projectId: number,
      name: string,
    ): { id: number; name: string; size: number } | undefined => newestWithArtifacts().get(projectId, name),
    traceBytesOf: (pipelineId: number): number => traceBytes().get(pipelineId)?.bytes ?? 0,
    /** What names the files of a pipeline's jobs. */
    filesOf: (pipelineId: number): { id: number; createdAt: number }[] => files().all(pipelineId),
    /** How many of a pipeline's jobs are bridges; retries do not change it. */
    bridgeCount: (pipelineId: number): number => bridgeCount().get(pipelineId)?.count ?? 0,
    /** The bridges of a process's unfinished pipelines that wait for a pipeline to be made, or for its end. */
    waitingBridges: (owner: number): number[] =>
      waitingBridges()
        .all(owner)
        .map((row) => row.id),
    /** The newest success of a job by name on a branch or tag of a project. */
    newestOfRef: (
      projectId: number,
      ref: string,
      name: string,
    ): { readonly id: number; readonly pipelineId: number } | undefined =>
      newestOfRef().get(projectId, ref, name),
    /** The latest attempt of a job by name. */
    latestNamed: (
      pipelineId: number,
      name: string,
    ): { readonly id: number; readonly status: Status } | undefined => latestNamed().get(pipelineId, name),
    /** Notes which pipeline a bridge with `needs:pipeline` mirrors. */
    setUpstream: (id: number, pipelineId: number): void => void setUpstream().run(pipelineId, id),
    /** Jobs that some process ran; bridges run in none. */
    runningOfPipeline: (pipelineId: number): RunningJob[] => runningOfPipeline().all(pipelineId),
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
  readonly kind: JobKind
  /** Variables expanded. */
  readonly resourceGroup: string | null
  /** Variables expanded. */
  readonly environment: string | null
  readonly userId: number | null
  /** Neither `when: manual` nor a delay holds it. */
  readonly enqueueNow?: boolean
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

function fromHeadRow(row: HeadRow): JobHead {
  return { ...row, allowFailure: row.allowFailure === 1, enqueueNow: row.enqueueNow === 1 }
}

function fromNeedRow(row: NeedRow): NeedPlan {
  return { job: row.job, artifacts: row.artifacts === 1, optional: row.optional === 1 }
}
