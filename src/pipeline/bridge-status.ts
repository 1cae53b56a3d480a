import type { TriggerPlan } from '../model/keyword-plans.ts'
import type { Pipeline } from '../model/pipeline.ts'
import { isCompleted, type Status } from '../model/status.ts'

/**
 * What becomes of a bridge when its downstream pipeline has this status; undefined: nothing. GitLab:
 * `Ci::Bridge#inherit_status_from_downstream`.
 */
export function statusFromDownstream(strategy: 'depend' | 'mirror', status: Status): Status | undefined {
  switch (status) {
    case 'success':
    case 'failed':
    case 'canceled':
      return status
    case 'skipped':
      return strategy === 'mirror' ? 'skipped' : 'failed'
    case 'manual':
      return strategy === 'mirror' ? 'manual' : undefined
    default:
      return undefined
  }
}

/** The same for a bridge with `needs:pipeline`. GitLab: `Ci::Bridge#inherit_status_from_upstream!`. */
export function statusFromUpstream(status: Status): Status | undefined {
  const inherited: readonly Status[] = [
    'running',
    'success',
    'failed',
    'canceled',
    'skipped',
    'manual',
    'scheduled',
  ]
  return inherited.includes(status) ? status : undefined
}

/** Where a bridge goes when something has happened to its downstream pipeline. `again`: that had ended, and runs once more. */
export function nextBridgeStatus(
  bridge: { readonly status: Status; readonly strategy: TriggerPlan['strategy'] },
  downstream: Pick<Pipeline, 'status' | 'configError'>,
  again: boolean,
): Status | undefined {
  const { status, strategy } = bridge
  const waits = status === 'pending' || status === 'running'
  if (downstream.configError !== null) return waits ? 'failed' : undefined
  if (strategy === null) return waits ? 'success' : undefined
  const next = statusFromDownstream(strategy, downstream.status)
  if (next !== undefined) return next === status || status === 'canceled' ? undefined : next
  // Who asked for a manual job of the child is not kept waiting by a bridge that still says manual.
  if (status === 'manual' && downstream.status === 'running') return 'running'
  // GitLab: `reset_source_bridge!`. A success stays until the child ends otherwise: what came after it has run.
  const revives = again && isCompleted(status) && status !== 'success'
  return revives && !isCompleted(downstream.status) ? 'pending' : undefined
}
