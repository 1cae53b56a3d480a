import type { VerbRefusal } from '../../pipeline/verbs.ts'
import type { Problem } from '../problems.ts'

/** GitLab's answer to a verb that cannot be carried out. */
export function verbProblem({ reason, message }: VerbRefusal): Problem {
  switch (reason) {
    case 'not_found':
      return { kind: 'record_not_found' }
    case 'not_playable':
      return { kind: 'bad_request', reason: 'Unplayable Job' }
    case 'not_retryable':
      return { kind: 'forbidden', reason: 'Job is not retryable' }
    case 'not_erasable':
      return { kind: 'forbidden', reason: 'Job is not erasable!' }
    case 'no_artifacts':
      return { kind: 'not_found', what: null }
    case 'not_cancelable':
    case 'not_unschedulable':
    case 'in_progress':
    case 'invalid_inputs':
      return { kind: 'bad_request', reason: message }
  }
}
