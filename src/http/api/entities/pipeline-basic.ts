import type { Pipeline } from '../../../model/pipeline.ts'
import { isoTime } from '../../times.ts'
import { pipelinePath } from '../../urls.ts'

/** Where a pipeline is shown: `external` without trailing slash, the project's full path. */
export interface Place {
  readonly externalUrl: string
  readonly projectName: string
}

export function pipelineBasic(pipeline: Pipeline, place: Place) {
  return {
    id: pipeline.id,
    iid: pipeline.iid,
    project_id: pipeline.projectId,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipeline.status,
    source: pipeline.source,
    created_at: isoTime(pipeline.createdAt),
    updated_at: isoTime(pipeline.updatedAt),
    web_url: place.externalUrl + pipelinePath(place.projectName, pipeline.id),
  }
}

export function pipelineBasicWithMetadata(pipeline: Pipeline, place: Place) {
  return { ...pipelineBasic(pipeline, place), name: pipeline.name }
}
