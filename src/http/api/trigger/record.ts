import type { TriggerRequest } from '../../../model/provenance.ts'
import type { HttpOptions } from '../../options.ts'

/** A refusal that cannot be kept is still a refusal: the caller gets its answer, the log the failure. */
export function keepRefusal(
  options: HttpOptions,
  request: TriggerRequest,
  answer: { readonly status: number; readonly reason: string },
): void {
  guarded(options, () => options.engine.recordRefusal(request, answer))
}

/** Keeps a request that was answered without a pipeline of its own. */
export function keepDelivery(
  options: HttpOptions,
  request: TriggerRequest,
  answer: { readonly status: number; readonly reason: string | null; readonly pipelineId: number | null },
): void {
  guarded(options, () => options.engine.deliveries.record(request, answer))
}

function guarded(options: HttpOptions, keep: () => void): void {
  try {
    keep()
  } catch (error) {
    options.log({ level: 'error', message: 'a trigger request could not be kept', error: String(error) })
  }
}
