import { lazily, type Database } from './database.ts'

/** Jobs by the archives that they left. */
export function jobArchives(database: Database) {
  const setErased = lazily(() =>
    database.prepare<[number, number]>(
      'update jobs set erased_at = ?, trace_size = 0, has_archive = 0 where id = ?',
    ),
  )
  const dropArchive = lazily(() => database.prepare<[number]>('update jobs set has_archive = 0 where id = ?'))
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

  return {
    /** Says that log and artifacts are gone; the files are the caller's. */
    markErased: (id: number, now: number): void => void setErased().run(now, id),
    /** Says that there is no archive any more. */
    dropArchive: (id: number): void => void dropArchive().run(id),
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
  }
}
