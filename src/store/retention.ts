import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

/** What decides whether a pipeline stays. */
export interface RetentionRow {
  readonly id: number
  readonly ref: string
  readonly tag: 0 | 1
  /** 0: the branch or tag was seen to be deleted. */
  readonly refExists: 0 | 1
  readonly status: Status
  readonly finishedAt: number | null
  readonly updatedAt: number
  /** 1: it stays and goes with the pipeline that started it. */
  readonly child: 0 | 1
  readonly logBytes: number
  readonly artifactBytes: number
}

/** A job whose files are to be removed. */
export interface RetentionJob {
  readonly id: number
  readonly createdAt: number
}

/** Rows that are looked through and removed to keep the past small. Each call is short; callers let others have their turn. */
export function retentionQueries(database: Database) {
  const page = lazily(() =>
    database.prepare<[number, number, number], RetentionRow>(
      `select p.id, p.ref, p.tag, p.status, p.finished_at as finishedAt, p.updated_at as updatedAt,
         p.source = 'parent_pipeline' and exists (select 1 from jobs where jobs.id = p.parent_job_id) as child,
         not exists (select 1 from watched_refs w where w.project_id = p.project_id and w.sha is null
           and w.name = iif(p.tag, 'refs/tags/', 'refs/heads/') || p.ref) as refExists,
         (select coalesce(sum(trace_size), 0) from jobs where pipeline_id = p.id) as logBytes,
         (select coalesce(sum(size), 0) from artifacts join jobs on jobs.id = job_id where pipeline_id = p.id) as artifactBytes
       from pipelines p where p.project_id = ? and p.id < ? order by p.id desc limit ?`,
    ),
  )
  const family = lazily(() =>
    database.prepare<[number], { id: number }>(
      `with recursive family (id) as (
         select ? union
         select p.id from pipelines p join jobs on jobs.id = p.parent_job_id join family on family.id = jobs.pipeline_id
         where p.source = 'parent_pipeline')
       select id from family order by id desc`,
    ),
  )
  const lock = lazily(() =>
    database.prepare<[{ id: number }], { why: string }>(
      `select 'it has not ended' as why from pipelines where id = @id and finished_at is null and status <> 'manual'
       union all select 'somebody keeps its artifacts' from artifacts join jobs on jobs.id = job_id
         where pipeline_id = @id and kept = 1
       union all select 'it is what an environment has' from deployments d
         join jobs on jobs.id = d.job_id join environments e on e.id = d.environment_id
         where jobs.pipeline_id = @id and e.state <> 'stopped' and d.id = (
           select max(id) from deployments where environment_id = e.id and status = 'success')
       union all select 'it has the newest pages' from pages_deployments g join jobs on jobs.id = g.job_id
         where jobs.pipeline_id = @id and not exists (select 1 from pages_deployments newer
           where newer.project_id = g.project_id and newer.id > g.id and newer.path_prefix is g.path_prefix)
       union all select 'it is the last of a schedule' from pipelines p join schedules s on s.id = p.schedule_id
         where p.id = @id and not exists (select 1 from pipelines newer
           where newer.project_id = p.project_id and newer.schedule_id = p.schedule_id and newer.id > p.id)
       union all select 'what it started has not ended' from pipelines p join jobs on jobs.id = p.parent_job_id
         where jobs.pipeline_id = @id and p.finished_at is null
       limit 1`,
    ),
  )
  const atWork = lazily(() =>
    database.prepare<[number], { one: number }>(
      `with recursive up (id) as (
         select ? union
         select jobs.pipeline_id from up join pipelines p on p.id = up.id join jobs on jobs.id = p.parent_job_id),
       down (id) as (
         select id from up union
         select p.id from down join jobs on jobs.pipeline_id = down.id join pipelines p on p.parent_job_id = jobs.id)
       select 1 as one from down join pipelines p on p.id = down.id where p.finished_at is null limit 1`,
    ),
  )
  const mark = lazily(() =>
    database.prepare<[number]>(
      'update pipelines set removing = 1 where id = ? and finished_at is not null and removing = 0',
    ),
  )
  const unmark = lazily(() => database.prepare<[number]>('update pipelines set removing = 0 where id = ?'))
  const marked = lazily(() =>
    database.prepare<[], { id: number; projectId: number }>(
      'select id, project_id as projectId from pipelines where removing = 1 order by id',
    ),
  )
  const isMarked = lazily(() =>
    database.prepare<[number], { one: number }>(
      'select 1 as one from pipelines where id = ? and removing = 1 and finished_at is not null',
    ),
  )
  const jobs = lazily(() =>
    database.prepare<[number, number], RetentionJob>(
      'select id, created_at as createdAt from jobs where pipeline_id = ? order by id limit ?',
    ),
  )
  const logged = lazily(() =>
    database.prepare<[number, number], RetentionJob>(
      'select id, created_at as createdAt from jobs where pipeline_id = ? and trace_size > 0 order by id limit ?',
    ),
  )
  const removeJob = lazily(() => database.prepare<[number]>('delete from jobs where id = ?'))
  const dropLog = lazily(() => database.prepare<[number]>('update jobs set trace_size = 0 where id = ?'))
  const hasJob = lazily(() =>
    database.prepare<[number], { one: number }>('select 1 as one from jobs where id = ?'),
  )
  const artifactsAfter = lazily(() =>
    database.prepare<[number, number], { id: number; path: string; createdAt: number }>(
      'select id, path, created_at as createdAt from artifacts where id > ? order by id limit ?',
    ),
  )
  const logsAfter = lazily(() =>
    database.prepare<[number, number], RetentionJob & { traceSize: number; finishedAt: number | null }>(
      `select id, created_at as createdAt, trace_size as traceSize, finished_at as finishedAt
       from jobs where id > ? order by id limit ?`,
    ),
  )
  const artifactAt = lazily(() =>
    database.prepare<[number, string], { one: number }>(
      'select 1 as one from artifacts where job_id = ? and path = ?',
    ),
  )
  const artifactsOf = lazily(() =>
    database.prepare<[{ id: number; all: number; now: number; limit: number }], ArtifactFile>(
      `select artifacts.id, artifacts.kind, path, size from artifacts join jobs on jobs.id = job_id
       where pipeline_id = @id and kept = 0 and (@all = 1 or expires_at is null or expires_at <= @now)
       order by artifacts.id limit @limit`,
    ),
  )

  return {
    /** A project's pipelines below an id, newest first. */
    page: (projectId: number, below: number, limit: number): RetentionRow[] =>
      page().all(projectId, below, limit),
    /** A pipeline with its child pipelines, youngest first. */
    family: (id: number): number[] =>
      family()
        .all(id)
        .map((row) => row.id),
    /**
     * Why a pipeline must stay, whatever the rules say; undefined when nothing holds it. One that waits for a person can
     * be ended.
     */
    lockOf: (id: number): string | undefined => lock().get({ id })?.why,
    /** Whether one of the pipelines that hang together with it has not ended: its jobs may need what others left. */
    isFamilyAtWork: (id: number): boolean => atWork().get(id) !== undefined,
    /** Chooses a finished pipeline for removal; false when it is not finished, or chosen already. */
    mark: (id: number): boolean => mark().run(id).changes === 1,
    unmark: (id: number): void => void unmark().run(id),
    /** What a process chose and did not come to remove. */
    marked: (): { id: number; projectId: number }[] => marked().all(),
    isMarked: (id: number): boolean => isMarked().get(id) !== undefined,
    jobs: (pipelineId: number, limit: number): RetentionJob[] => jobs().all(pipelineId, limit),
    jobsWithLog: (pipelineId: number, limit: number): RetentionJob[] => logged().all(pipelineId, limit),
    removeJob: (id: number): void => void removeJob().run(id),
    /** Says that a job's log is gone. */
    dropLog: (id: number): void => void dropLog().run(id),
    hasJob: (id: number): boolean => hasJob().get(id) !== undefined,
    hasArtifactAt: (jobId: number, path: string): boolean => artifactAt().get(jobId, path) !== undefined,
    /** Of a pipeline, without what somebody keeps. `all`: those too that have a date on which they expire. */
    artifactsOf: (id: number, options: { all: boolean; now: number; limit: number }): ArtifactFile[] =>
      artifactsOf().all({ ...options, id, all: Number(options.all) }),
    artifactsAfter: (id: number, limit: number) => artifactsAfter().all(id, limit),
    logsAfter: (id: number, limit: number) => logsAfter().all(id, limit),
  }
}

export interface ArtifactFile {
  readonly id: number
  readonly kind: string
  /** Relative to the state folder. */
  readonly path: string
  readonly size: number
}
