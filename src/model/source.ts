/** The values of `CI_PIPELINE_SOURCE`. */
export const PIPELINE_SOURCES = [
  'push',
  'web',
  'trigger',
  'schedule',
  'api',
  'external',
  'pipeline',
  'chat',
  'webide',
  'merge_request_event',
  'external_pull_request_event',
  'parent_pipeline',
  'ondemand_dast_scan',
  'ondemand_dast_validation',
  'security_orchestration_policy',
] as const

export type PipelineSource = (typeof PIPELINE_SOURCES)[number]

export function isPipelineSource(word: string): word is PipelineSource {
  return (PIPELINE_SOURCES as readonly string[]).includes(word)
}
