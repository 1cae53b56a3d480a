import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

/** Trigger jobs, and the jobs of other pipelines that one needs. */
export function jobBridges(database: Database) {
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

  return {
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
  }
}
