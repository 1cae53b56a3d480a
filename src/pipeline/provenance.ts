import type { Provenance } from '../model/provenance.ts'
import type { Store } from '../store/store.ts'

/** Why a pipeline exists: who asked, how, when, for what, with which variables. */
export function provenanceOf(store: Store, pipelineId: number): Provenance | undefined {
  const pipeline = store.pipelines.find(pipelineId)
  if (!pipeline) return undefined
  const request = store.triggerRequests.ofPipeline(pipelineId)
  const trigger = pipeline.triggerId === null ? undefined : store.triggers.find(pipeline.triggerId)
  return {
    source: pipeline.source,
    trigger: trigger
      ? { id: trigger.id, description: trigger.description, short_token: trigger.shortToken }
      : null,
    remote_address: request?.remoteAddress ?? null,
    user_agent: request?.userAgent ?? null,
    form: request?.form ?? null,
    received_at: request ? new Date(request.receivedAt).toISOString() : null,
    ref: pipeline.ref,
    sha: pipeline.sha,
    variables: store.pipelineVariables
      .of(pipelineId)
      .map(({ key, value, masked, origin }) => ({ key, value: masked ? '[MASKED]' : value, origin })),
    config_sha256: pipeline.configSha256,
  }
}
