import type { PipelineSource } from './source.ts'
import type { VariableOrigin } from './variable.ts'

/** How a trigger request was written. */
export type RequestForm = 'multipart' | 'urlencoded' | 'query' | 'json' | 'webhook'

/** One request to a trigger route, accepted or refused. */
export interface TriggerRequest {
  readonly projectRef: string
  readonly projectId: number | null
  readonly triggerId: number | null
  readonly form: RequestForm
  readonly remoteAddress: string
  readonly userAgent: string
  readonly ref: string | null
  readonly receivedAt: number
  /** Keys only; the values of an accepted request stand in `pipeline_variables`. */
  readonly variableKeys: readonly string[]
}

/** Why a pipeline exists: the answer of the provenance endpoint, key for key. */
export interface Provenance {
  readonly source: PipelineSource
  readonly trigger: { readonly id: number; readonly description: string; readonly short_token: string } | null
  readonly remote_address: string | null
  readonly user_agent: string | null
  readonly form: RequestForm | null
  readonly received_at: string | null
  readonly ref: string
  readonly sha: string
  readonly variables: readonly {
    readonly key: string
    readonly value: string
    readonly origin: VariableOrigin
  }[]
  readonly config_sha256: string | null
}
