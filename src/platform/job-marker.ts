import type { ProcessIdentity } from './process-identity.ts'

/** The variable by which processes are recognised that a job without a pid namespace has left behind. */
export const MARKER = 'SLUICE_JOB_MARKER'

/** What the markers of all jobs begin with that this process started. */
export function jobMarker({ pid, pidStart, bootId }: ProcessIdentity): string {
  return `${pid}.${pidStart}.${bootId}.`
}
