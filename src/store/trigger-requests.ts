import type { RequestForm, TriggerRequest } from '../model/provenance.ts'
import { lazily, type Database } from './database.ts'

/** A recorded request to a trigger route, with its answer. */
export interface TriggerRequestRow extends TriggerRequest {
  readonly id: number
  readonly pipelineId: number | null
  /** HTTP status of the answer. */
  readonly status: number
  /** The true reason of a refusal, which the caller is not told; null when accepted. */
  readonly reason: string | null
}

type Row = Omit<TriggerRequestRow, 'variableKeys'> & {
  readonly variableKeys: string
  readonly form: RequestForm
}

const columns = `id, project_ref as projectRef, project_id as projectId, trigger_id as triggerId, pipeline_id as pipelineId, form,
  remote_address as remoteAddress, user_agent as userAgent, ref, variable_keys as variableKeys, received_at as receivedAt, status, reason`

export function triggerRequestsTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | null>]>(
      `insert into trigger_requests (project_ref, project_id, trigger_id, pipeline_id, form, remote_address, user_agent, ref, variable_keys,
         received_at, status, reason)
       values (@projectRef, @projectId, @triggerId, @pipelineId, @form, @remoteAddress, @userAgent, @ref, @variableKeys, @receivedAt, @status, @reason)`,
    ),
  )
  const ofPipeline = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from trigger_requests where pipeline_id = ? order by id limit 1`,
    ),
  )
  const newest = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from trigger_requests order by id desc limit ?`),
  )
  return {
    add: (request: Omit<TriggerRequestRow, 'id'>): void =>
      void insert().run({ ...request, variableKeys: JSON.stringify(request.variableKeys) }),
    ofPipeline: (pipelineId: number): TriggerRequestRow | undefined => fromRow(ofPipeline().get(pipelineId)),
    /** Newest first. */
    newest: (limit: number): TriggerRequestRow[] =>
      newest()
        .all(limit)
        .flatMap((row) => fromRow(row) ?? []),
  }
}

function fromRow(row: Row | undefined): TriggerRequestRow | undefined {
  return row && { ...row, variableKeys: JSON.parse(row.variableKeys) as string[] }
}
