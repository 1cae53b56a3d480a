import type { PipelineSource } from '../../model/source.ts'
import { variable, type Variable } from '../../model/variable.ts'

export interface PipelineFacts {
  readonly source: PipelineSource
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** The pipeline's number in its project. */
  readonly iid: number
  /** Started with a trigger token. */
  readonly triggered: boolean
  readonly scheduleDescription: string | null
  /** `host/group/app//.gitlab-ci.yml@refs/heads/main` is made of these. */
  readonly serverUrl: string
  readonly projectPath: string
  readonly configPath: string
  readonly ref: string
  readonly tag: boolean
}

/** Variables of the pipeline that are known before its row exists; id and addresses are in persisted.ts. */
export function pipelineVariables(facts: PipelineFacts): Variable[] {
  const kind = facts.tag ? 'tags' : 'heads'
  return Object.entries({
    CI_PIPELINE_IID: String(facts.iid),
    CI_PIPELINE_SOURCE: facts.source,
    CI_PIPELINE_CREATED_AT: new Date(facts.createdAt).toISOString().replace(/\.\d+Z$/, 'Z'),
    CI_CONFIG_REF_URI: `${new URL(facts.serverUrl).host}/${facts.projectPath}//${facts.configPath}@refs/${kind}/${facts.ref}`,
    ...(facts.triggered ? { CI_PIPELINE_TRIGGERED: 'true' } : {}),
    ...(facts.scheduleDescription === null
      ? {}
      : { CI_PIPELINE_SCHEDULE_DESCRIPTION: facts.scheduleDescription }),
  }).map(([key, value]) => variable(key, value, 'predefined'))
}

/** `workflow:name`, which is decided only after the rules: they do not see it. */
export function pipelineNameVariables(name: string | null): Variable[] {
  return name === null ? [] : [variable('CI_PIPELINE_NAME', name, 'predefined')]
}
