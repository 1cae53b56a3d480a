import type { Job, JobKind } from '../model/job.ts'
import type { JobOptions, JobPlan, NeedPlan, When } from '../model/plan.ts'
import type { Status } from '../model/status.ts'
import type { Variable } from '../model/variable.ts'
import { lazily, type Database } from './database.ts'
import { jobArchives } from './job-archives.ts'
import { jobBridges } from './job-bridges.ts'
import { jobProcesses } from './job-processes.ts'
import { fromNeedRow, jobSchedule, type NeedRow } from './job-schedule.ts'
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

const columns = `id, pipeline_id as pipelineId, project_id as projectId, name, stage, stage_index as stageIndex, "when",
  allow_failure as allowFailure, scheduling, status, failure_reason as failureReason, exit_code as exitCode, coverage, retried, attempt,
  created_at as createdAt, queued_at as queuedAt, started_at as startedAt, finished_at as finishedAt, scheduled_at as scheduledAt,
  erased_at as erasedAt, trace_size as traceSize, isolation, kind, interruptible,
  resource_group as resourceGroup, environment, user_id as userId, timeout`

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
  const giveToken = lazily(() =>
    database.prepare<[Buffer, number]>('update jobs set token_hash = ? where id = ?'),
  )
  const byToken = lazily(() =>
    database.prepare<[Buffer], { id: number }>('select id from jobs where token_hash = ?'),
  )
  const setTraceSize = lazily(() =>
    database.prepare<[number, number]>('update jobs set trace_size = ? where id = ?'),
  )
  const setCoverage = lazily(() =>
    database.prepare<[number, number]>('update jobs set coverage = ? where id = ?'),
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
    ...jobSchedule(database),
    ...jobProcesses(database),
    ...jobArchives(database),
    ...jobBridges(database),
    add,
    find(id: number): Job | undefined {
      const row = find().get(id)
      return row && complete(row)
    },
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
    optionsOf,
    giveToken: (id: number, token: string): void => void giveToken().run(seal.fingerprint(token), id),
    setTraceSize: (id: number, size: number): void => void setTraceSize().run(size, id),
    setCoverage: (id: number, coverage: number): void => void setCoverage().run(coverage, id),
    /** What was given for the job's own `inputs`. */
    setInputs: (id: number, inputs: Readonly<Record<string, unknown>>): void =>
      void setOptions().run(withSealedInputs({ ...optionsOf(id), inputs }), id),
    traceBytesOf: (pipelineId: number): number => traceBytes().get(pipelineId)?.bytes ?? 0,
    /** What names the files of a pipeline's jobs. */
    filesOf: (pipelineId: number): { id: number; createdAt: number }[] => files().all(pipelineId),
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
