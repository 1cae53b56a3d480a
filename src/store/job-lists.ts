import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

export interface ProjectJobFilter {
  /** Empty: all. */
  readonly statuses: readonly Status[]
  readonly ref?: string | undefined
  /** Only jobs older than this id. */
  readonly before?: number | undefined
}

/** Lists of jobs over many pipelines, as ids: newest first. Reads only. */
export function jobLists(database: Database) {
  const successOnRef = lazily(() =>
    database.prepare<[number, string], { id: number }>(
      `select id from pipelines where project_id = ? and ref = ? and status = 'success'
       and source <> 'parent_pipeline' order by id desc limit 1`,
    ),
  )
  const children = lazily(() =>
    database.prepare<[number], { id: number }>(
      `select pipelines.id from pipelines join jobs on jobs.id = pipelines.parent_job_id
       where jobs.pipeline_id = ? and pipelines.source = 'parent_pipeline' order by pipelines.id desc`,
    ),
  )
  const named = lazily(() =>
    database.prepare<[number, string], { id: number }>(
      `select id from jobs where pipeline_id = ? and name = ? and retried = 0 and kind = 'build' order by id desc limit 1`,
    ),
  )
  return {
    /** The jobs of a project with a script, older attempts too. */
    ofProject(
      projectId: number,
      { statuses, ref, before }: ProjectJobFilter,
      page: { readonly limit: number; readonly offset: number },
    ): number[] {
      const where = `project_id = @projectId and kind = 'build' and (@before is null or id < @before)
        and (@any or status in (select value from json_each(@statuses)))
        and (@ref is null or exists (select 1 from pipelines where pipelines.id = jobs.pipeline_id and pipelines.ref = @ref))`
      const values = {
        projectId,
        before: before ?? null,
        any: Number(statuses.length === 0),
        statuses: JSON.stringify(statuses),
        ref: ref ?? null,
      }
      return database
        .prepare<unknown[], { id: number }>(
          `select id from jobs indexed by jobs_of_project where ${where} order by id desc limit @limit offset @offset`,
        )
        .all({ ...values, limit: page.limit, offset: page.offset })
        .map(({ id }) => id)
    },
    /** The newest successful pipeline of a ref; child pipelines are none of a ref's own. */
    newestSuccess: (projectId: number, ref: string): number | undefined =>
      successOnRef().get(projectId, ref)?.id,
    /** The pipelines that a pipeline's bridges started in the same project. */
    childrenOf: (pipelineId: number): number[] =>
      children()
        .all(pipelineId)
        .map(({ id }) => id),
    /** The latest attempt of a job by its name. */
    named: (pipelineId: number, name: string): number | undefined => named().get(pipelineId, name)?.id,
  }
}
