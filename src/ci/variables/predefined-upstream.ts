import { variable, type Variable } from '../../model/variable.ts'

/** Which job of which pipeline started this one. GitLab: of child and multi-project pipelines, from 18.9 on. */
export function upstreamVariables(upstream: {
  readonly pipelineId: number
  readonly projectId: number
  readonly jobId: number
}): Variable[] {
  return Object.entries({
    CI_UPSTREAM_PIPELINE_ID: upstream.pipelineId,
    CI_UPSTREAM_PROJECT_ID: upstream.projectId,
    CI_UPSTREAM_JOB_ID: upstream.jobId,
  }).map(([key, value]) => variable(key, String(value), 'predefined'))
}
