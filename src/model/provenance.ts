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
  /** The first four characters of the token that was sent; null when it was too short to show any of it. */
  readonly shortToken?: string | null
  /** The job whose process sent it with a trigger's token, where the kernel knows it. */
  readonly senderJobId?: number | null
  /** The recorded request that this one repeats. */
  readonly replayOf?: number | null
  /** Answered with the pipeline of an earlier request that had the same key. */
  readonly replayed?: boolean
  /** Kept, encrypted, so that the request can be repeated; absent unless the token was right. */
  readonly call?: TriggerCallRecord
  /** What must not be accepted twice. */
  readonly once?: {
    /** Both with project and token in them; null: not sent. */
    readonly idempotencyKey: string | null
    readonly webhookId: string | null
    /** Hexadecimal SHA-256 of what was asked. */
    readonly bodySha256: string
  }
}

/** What a trigger request asked for. */
export interface TriggerCallRecord {
  readonly ref: string
  readonly variables: readonly { readonly key: string; readonly value: string }[]
  readonly inputs: Readonly<Record<string, unknown>>
  readonly payload: string
  /** The job whose token was used; null: a trigger's. */
  readonly jobId: number | null
}

/** A job that started a pipeline, and the pipeline that it is in. */
export interface Upstream {
  /** A `trigger:` job, or a call with the job's own token, or with a trigger's. */
  readonly via: 'bridge' | 'job_token' | 'trigger_token'
  readonly job: { readonly id: number; readonly name: string; readonly stage: string }
  readonly pipeline: {
    readonly id: number
    readonly iid: number
    readonly source: PipelineSource
    readonly ref: string
    readonly tag: boolean
    readonly sha: string
    readonly trigger: ProvenanceTrigger | null
  }
  readonly project: { readonly id: number; readonly path_with_namespace: string }
}

export interface ProvenanceTrigger {
  readonly id: number
  readonly description: string
  readonly short_token: string
}

/** Why a pipeline exists: the answer of the provenance endpoint, key for key. */
export interface Provenance {
  readonly source: PipelineSource
  readonly trigger: ProvenanceTrigger | null
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
  /** The job that started it, then the one that started that job's pipeline, and so on up to what no job started; absent: none did. */
  readonly upstream?: readonly Upstream[]
}
