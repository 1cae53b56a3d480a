import type { Pipeline } from '../model/pipeline.ts'
import type { Provenance, ProvenanceTrigger } from '../model/provenance.ts'
import type { Store } from '../store/store.ts'
import { upstreamChain, type MayRead } from './upstream-chain.ts'

/** Why a pipeline exists: who asked, how, when, for what, with which variables. Of what may not be read nothing is told. */
export function provenanceOf(store: Store, pipelineId: number, mayRead: MayRead): Provenance | undefined {
  const pipeline = store.pipelines.find(pipelineId)
  if (!pipeline) return undefined
  const request = store.triggerRequests.ofPipeline(pipelineId)
  const upstream = upstreamChain(store, pipeline, mayRead, (each) => triggerOf(store, each))
  return {
    source: pipeline.source,
    trigger: triggerOf(store, pipeline),
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
    ...(upstream.length > 0 ? { upstream } : {}),
  }
}

function triggerOf(store: Store, { triggerId }: Pipeline): ProvenanceTrigger | null {
  const trigger = triggerId === null ? undefined : store.triggers.find(triggerId)
  return trigger
    ? { id: trigger.id, description: trigger.description, short_token: trigger.shortToken }
    : null
}
