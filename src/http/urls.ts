/** The paths are GitLab's, so that links and habits carry over. */
export function pipelinePath(projectName: string, pipelineId: number): string {
  return `/${projectName}/-/pipelines/${pipelineId}`
}

export function jobPath(projectName: string, jobId: number): string {
  return `/${projectName}/-/jobs/${jobId}`
}

export function rawTracePath(projectName: string, jobId: number): string {
  return `${jobPath(projectName, jobId)}/raw`
}
