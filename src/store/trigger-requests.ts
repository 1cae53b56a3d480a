import type { RequestForm, TriggerCallRecord, TriggerRequest } from '../model/provenance.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

/** A recorded request to a trigger route, with its answer. */
export interface TriggerRequestRow extends Omit<TriggerRequest, 'call' | 'once'> {
  readonly id: number
  readonly pipelineId: number | null
  /** HTTP status of the answer. */
  readonly status: number
  /** The true reason of a refusal, which the caller is not told; null when accepted. */
  readonly reason: string | null
  /** From the first byte to the decision. */
  readonly ms: number | null
  /** What was asked is still known, so that it can be asked again. */
  readonly replayable: boolean
}

/** What is written down of an answer. */
export interface RecordedAnswer {
  readonly pipelineId: number | null
  readonly status: number
  readonly reason: string | null
  readonly ms: number | null
}

type Row = Omit<TriggerRequestRow, 'variableKeys' | 'replayed' | 'replayable'> & {
  readonly variableKeys: string
  readonly form: RequestForm
  readonly replayed: number
  readonly replayable: number
}

/** The request that first came with a key, and the hash of what it said. */
export interface FirstRequest {
  readonly pipelineId: number
  readonly bodySha256: Buffer | null
}

const columns = `id, project_ref as projectRef, project_id as projectId, trigger_id as triggerId, pipeline_id as pipelineId, form,
  remote_address as remoteAddress, user_agent as userAgent, ref, variable_keys as variableKeys, received_at as receivedAt, status, reason,
  short_token as shortToken, ms, call_sealed is not null as replayable, replay_of as replayOf, replayed,
  sender_job_id as senderJobId`

/** A row's columns without the texts in them. */
export const ROW_BYTES = 200

export interface DeliveryFilter {
  readonly triggerId?: number
  readonly accepted?: boolean
}

export function triggerRequestsTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[Record<string, string | number | Buffer | null>]>(
      `insert into trigger_requests (project_ref, project_id, trigger_id, pipeline_id, form, remote_address, user_agent, ref,
         variable_keys, received_at, status, reason, short_token, ms, call_sealed, size, replay_of, replayed, idempotency_key,
         body_sha256, webhook_id, sender_job_id)
       values (@projectRef, @projectId, @triggerId, @pipelineId, @form, @remoteAddress, @userAgent, @ref,
         @variableKeys, @receivedAt, @status, @reason, @shortToken, @ms, @callSealed, @size, @replayOf, @replayed, @idempotencyKey,
         @bodySha256, @webhookId, @senderJobId)`,
    ),
  )
  const ofPipeline = lazily(() =>
    database.prepare<[number], Row>(
      `select ${columns} from trigger_requests where pipeline_id = ? order by id limit 1`,
    ),
  )
  const find = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from trigger_requests where id = ? and listed = 1`),
  )
  const sealedCall = lazily(() =>
    database.prepare<[number], { sealed: Buffer | null }>(
      'select call_sealed as sealed from trigger_requests where id = ?',
    ),
  )
  const newest = lazily(() =>
    database.prepare<[number], Row>(`select ${columns} from trigger_requests order by id desc limit ?`),
  )
  const byKey = lazily(() =>
    database.prepare<[Buffer, number], { pipelineId: number | null; bodySha256: Buffer | null }>(
      `select pipeline_id as pipelineId, body_sha256 as bodySha256 from trigger_requests
       where idempotency_key = ? and received_at > ?`,
    ),
  )
  const byWebhook = lazily(() =>
    database.prepare<[Buffer, number], { pipelineId: number | null; bodySha256: Buffer | null }>(
      `select pipeline_id as pipelineId, body_sha256 as bodySha256 from trigger_requests
       where webhook_id = ? and received_at > ?`,
    ),
  )
  const releaseKey = lazily(() =>
    database.prepare<[Buffer]>(
      'update trigger_requests set idempotency_key = null where idempotency_key = ?',
    ),
  )
  const releaseWebhook = lazily(() =>
    database.prepare<[Buffer]>('update trigger_requests set webhook_id = null where webhook_id = ?'),
  )
  const forgetOld = lazily(() =>
    database.prepare<[number]>(
      `delete from trigger_requests where received_at < ? and (pipeline_id is null or not exists
         (select 1 from pipelines where pipelines.id = pipeline_id))`,
    ),
  )
  const hideOld = lazily(() =>
    database.prepare<[number]>(
      `update trigger_requests set listed = 0, call_sealed = null, size = ${ROW_BYTES}
       where received_at < ? and listed = 1`,
    ),
  )
  const forgetRefused = lazily(() =>
    database.prepare<[number]>(
      `delete from trigger_requests where pipeline_id is null and id <=
         (select id from trigger_requests where pipeline_id is null order by id desc limit 1 offset ?)`,
    ),
  )
  const bytes = lazily(() =>
    database.prepare<[], { bytes: number | null }>('select sum(size) as bytes from trigger_requests'),
  )
  const oldest = lazily(() =>
    database.prepare<[number], { id: number; size: number; pipelineId: number | null }>(
      `select id, size, pipeline_id as pipelineId from trigger_requests where size > ${ROW_BYTES} or pipeline_id is null
       order by id limit ?`,
    ),
  )
  const remove = lazily(() => database.prepare<[number]>('delete from trigger_requests where id = ?'))
  const strip = lazily(() =>
    database.prepare<[number]>(
      `update trigger_requests set call_sealed = null, size = ${ROW_BYTES} where id = ?`,
    ),
  )

  const known = (
    row: { pipelineId: number | null; bodySha256: Buffer | null } | undefined,
  ): FirstRequest | undefined =>
    row && row.pipelineId !== null ? { pipelineId: row.pipelineId, bodySha256: row.bodySha256 } : undefined

  return {
    /** Keeps a request and its answer. Returns its id. */
    add(request: TriggerRequest, answer: RecordedAnswer): number {
      const { call, once, ...about } = request
      const callSealed = call ? seal.seal(JSON.stringify(call)) : null
      const variableKeys = JSON.stringify(about.variableKeys)
      const hashed = (key: string | null = null): Buffer | null =>
        key === null ? null : seal.fingerprint(key)
      const idempotencyKey = hashed(once?.idempotencyKey)
      const webhookId = hashed(once?.webhookId)
      // Whoever checked that the key is free has seen that an earlier holder is too old.
      if (idempotencyKey) releaseKey().run(idempotencyKey)
      if (webhookId) releaseWebhook().run(webhookId)
      const texts = [about.projectRef, about.userAgent, about.ref ?? '', variableKeys, answer.reason ?? '']
      return Number(
        insert().run({
          ...about,
          ...answer,
          variableKeys,
          callSealed,
          size: ROW_BYTES + (callSealed?.length ?? 0) + texts.reduce((sum, text) => sum + text.length, 0),
          shortToken: about.shortToken ?? null,
          senderJobId: about.senderJobId ?? null,
          replayOf: about.replayOf ?? null,
          replayed: Number(about.replayed ?? false),
          idempotencyKey,
          bodySha256: once ? Buffer.from(once.bodySha256, 'hex') : null,
          webhookId,
        }).lastInsertRowid,
      )
    },
    ofPipeline: (pipelineId: number): TriggerRequestRow | undefined => fromRow(ofPipeline().get(pipelineId)),
    find: (id: number): TriggerRequestRow | undefined => fromRow(find().get(id)),
    /** What was asked; undefined when it is no longer known, or was never a caller's with a right token. */
    callOf(id: number): TriggerCallRecord | undefined {
      const sealed = sealedCall().get(id)?.sealed
      return sealed ? (JSON.parse(seal.open(sealed)) as TriggerCallRecord) : undefined
    },
    /** Newest first, over all projects. */
    newest: (limit: number): TriggerRequestRow[] =>
      newest()
        .all(limit)
        .flatMap((row) => fromRow(row) ?? []),
    /** One page of a project's requests, newest first. */
    page(
      projectId: number,
      filter: DeliveryFilter,
      part: { readonly limit: number; readonly offset: number },
    ): { requests: TriggerRequestRow[]; total: number } {
      const conditions = [
        'project_id = ? and listed = 1',
        ...(filter.triggerId === undefined ? [] : ['trigger_id = ?']),
        ...(filter.accepted === undefined
          ? []
          : [filter.accepted ? 'status between 200 and 299' : 'status not between 200 and 299']),
      ].join(' and ')
      const values = [projectId, ...(filter.triggerId === undefined ? [] : [filter.triggerId])]
      const rows = database
        .prepare<number[], Row>(
          `select ${columns} from trigger_requests where ${conditions} order by id desc limit ? offset ?`,
        )
        .all(...values, part.limit, part.offset)
      const total = database
        .prepare<number[], { total: number }>(
          `select count(*) as total from trigger_requests where ${conditions}`,
        )
        .get(...values)
      return { requests: rows.flatMap((row) => fromRow(row) ?? []), total: total?.total ?? 0 }
    },
    /** The accepted request that had this key since then. */
    firstWithKey: (key: string, since: number): FirstRequest | undefined =>
      known(byKey().get(seal.fingerprint(key), since)),
    firstWithWebhookId: (id: string, since: number): FirstRequest | undefined =>
      known(byWebhook().get(seal.fingerprint(id), since)),
    /** Removes what is older, but for the provenance of pipelines that are still there, which is no longer listed. */
    forgetBefore(time: number): void {
      forgetOld().run(time)
      hideOld().run(time)
    },
    /** Keeps so many of the refused ones. */
    keepRefused: (rows: number): void => void forgetRefused().run(rows),
    bytes: (): number => bytes().get()?.bytes ?? 0,
    /** Removes the oldest until about `bytes` are freed; of those that made a pipeline only what they said. */
    free(wanted: number): void {
      let freed = 0
      while (freed < wanted) {
        const batch = oldest().all(500)
        if (batch.length === 0) return
        for (const { id, size, pipelineId } of batch) {
          if (freed >= wanted) return
          if (pipelineId === null) remove().run(id)
          else strip().run(id)
          freed += pipelineId === null ? size : size - ROW_BYTES
        }
      }
    },
  }
}

function fromRow(row: Row | undefined): TriggerRequestRow | undefined {
  return (
    row && {
      ...row,
      variableKeys: JSON.parse(row.variableKeys) as string[],
      replayed: row.replayed === 1,
      replayable: row.replayable === 1,
    }
  )
}
