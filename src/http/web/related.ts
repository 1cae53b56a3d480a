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

/** Whether the visitor may see pages of a project. */
export function mayVisit({ store, projects }: Options, userId: number): (projectId: number) => boolean {
  return (projectId) => projects.find(String(projectId)) !== undefined && mayRead(store, userId, projectId)
}

export function link(options: Options, pipeline: Pipeline, userId: number): LinkedPipeline | undefined {
  const project = options.projects.find(String(pipeline.projectId))
  if (!project || !mayRead(options.store, userId, project.id)) return undefined
  return { id: pipeline.id, project: project.name, status: pipeline.status }
}
