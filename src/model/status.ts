/** GitLab's status words, for pipelines, stages and jobs alike. */
export const STATUSES = [
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
  'running',
  'success',
  'failed',
  'canceling',
  'canceled',
  'skipped',
  'manual',
  'scheduled',
] as const

export type Status = (typeof STATUSES)[number]

/** Nothing more will happen by itself or by a person, short of a retry. */
export function isCompleted(status: Status): boolean {
  return status === 'success' || status === 'failed' || status === 'canceled' || status === 'skipped'
}

/** What a pipeline's cancel ends. GitLab leaves `manual` jobs manual. */
export function isCancelable(status: Status): boolean {
  return !isCompleted(status) && status !== 'canceling' && status !== 'manual'
}
