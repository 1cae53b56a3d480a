import { variable, type Variable } from '../../model/variable.ts'

export interface PersistedFacts {
  readonly jobId: number
  /** Of the running job; null before it starts. */
  readonly jobToken: string | null
  readonly pipelineId: number
  readonly pipelineIid: number
  /** Address of the project's pages: `http://127.0.0.1:8929/group/app`. */
  readonly projectUrl: string
  /** Where the job may clone from; credentials included. */
  readonly repositoryUrl: string
  /** Milliseconds since the epoch; null before the job starts. */
  readonly startedAt: number | null
  /** First characters of the trigger token; null when none started the pipeline. */
  readonly triggerShortToken: string | null
}

/** Variables that exist only once pipeline and job are rows; rules never see them. */
export function persistedVariables(facts: PersistedFacts): Variable[] {
  const variables = [
    variable('CI_PIPELINE_ID', String(facts.pipelineId), 'predefined'),
    variable('CI_PIPELINE_IID', String(facts.pipelineIid), 'predefined'),
    variable('CI_PIPELINE_URL', `${facts.projectUrl}/-/pipelines/${facts.pipelineId}`, 'predefined'),
    variable('CI_JOB_ID', String(facts.jobId), 'predefined'),
    variable('CI_JOB_URL', `${facts.projectUrl}/-/jobs/${facts.jobId}`, 'predefined'),
    variable('CI_REPOSITORY_URL', facts.repositoryUrl, 'predefined'),
  ]
  if (facts.startedAt !== null) {
    variables.push(
      variable(
        'CI_JOB_STARTED_AT',
        new Date(facts.startedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
        'predefined',
      ),
    )
  }
  if (facts.jobToken !== null)
    variables.push(variable('CI_JOB_TOKEN', facts.jobToken, 'predefined', { masked: true }))
  if (facts.triggerShortToken !== null)
    variables.push(variable('CI_TRIGGER_SHORT_TOKEN', facts.triggerShortToken, 'predefined'))
  return variables
}
