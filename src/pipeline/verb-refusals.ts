import type { VerbRefusal } from './verbs.ts'

export function noSuchJob(jobId: number): VerbRefusal {
  return { reason: 'not_found', message: `there is no job ${jobId}` }
}

export function noSuchPipeline(pipelineId: number): VerbRefusal {
  return { reason: 'not_found', message: `there is no pipeline ${pipelineId}` }
}
