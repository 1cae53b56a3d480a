import type { Trigger } from '../../../model/trigger.ts'
import type { Pipeline } from '../../../model/pipeline.ts'
import type { TriggerRequestRow } from '../../../store/trigger-requests.ts'
import { isoTime } from '../../times.ts'
import { pipelinePath } from '../../urls.ts'

/** What an entity says beyond its row. */
export interface DeliveryFacts {
  readonly externalUrl: string
  readonly projectName: string
  readonly trigger: Trigger | undefined
  readonly pipeline: Pipeline | undefined
}

/** A recorded request to a trigger route. Of variables the keys are told, never a value. */
export function deliveryEntity(row: TriggerRequestRow, facts: DeliveryFacts) {
  const { trigger, pipeline, externalUrl, projectName } = facts
  return {
    id: row.id,
    project_id: row.projectId,
    received_at: isoTime(row.receivedAt),
    remote_address: row.remoteAddress,
    user_agent: row.userAgent,
    form: row.form,
    ref: row.ref,
    short_token: row.shortToken ?? null,
    trigger: trigger
      ? { id: trigger.id, description: trigger.description, short_token: trigger.shortToken }
      : null,
    variables: row.variableKeys.map((key) => ({ key, value: '[MASKED]' })),
    status: row.status,
    reason: row.reason,
    duration_ms: row.ms,
    pipeline: pipeline
      ? {
          id: pipeline.id,
          iid: pipeline.iid,
          status: pipeline.status,
          web_url: externalUrl + pipelinePath(projectName, pipeline.id),
        }
      : null,
    idempotent_replay: row.replayed ?? false,
    replay_of: row.replayOf ?? null,
    replayable: row.replayable,
  }
}
