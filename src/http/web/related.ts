import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Status } from '../../model/status.ts'
import type { HttpOptions } from '../options.ts'
import { mayRead } from '../permissions.ts'

/** Another pipeline, of whatever project, that the visitor may see. */
export interface LinkedPipeline {
  readonly id: number
  readonly project: string
  readonly status: Status
}

type Options = Pick<HttpOptions, 'store' | 'projects'>

/** The pipelines that a pipeline's jobs started, by the job's id. Those of projects that the visitor may not read are left out. */
export function downstreamOf(
  options: Options,
  pipelineId: number,
  userId: number,
): Map<number, LinkedPipeline> {
  const started = new Map<number, LinkedPipeline>()
  for (const pipeline of options.store.pipelines.startedFrom(pipelineId)) {
    const linked = link(options, pipeline, userId)
    if (linked && pipeline.parentJobId !== null) started.set(pipeline.parentJobId, linked)
  }
  return started
}

/** The pipeline and the job that started a pipeline. */
export function upstreamOf(
  options: Options,
  { parentJobId }: Pipeline,
  userId: number,
): { readonly pipeline: LinkedPipeline; readonly job: Job } | undefined {
  const job = parentJobId === null ? undefined : options.store.jobs.find(parentJobId)
  const pipeline = job && options.store.pipelines.find(job.pipelineId)
  const linked = pipeline && link(options, pipeline, userId)
  return job && linked && { pipeline: linked, job }
}

export function link(options: Options, pipeline: Pipeline, userId: number): LinkedPipeline | undefined {
  const project = options.projects.find(String(pipeline.projectId))
  if (!project || !mayRead(options.store, userId, project.id)) return undefined
  return { id: pipeline.id, project: project.name, status: pipeline.status }
}
