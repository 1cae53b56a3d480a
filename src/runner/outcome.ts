import type { JobUpdate } from '../model/coordinator.ts'
import type { Exit } from '../platform/process.ts'
import { errorLine, noticeLine } from './log/ansi.ts'

/** How a job ended. */
export type Outcome =
  | { readonly kind: 'success' }
  | { readonly kind: 'script_failed'; readonly exit: Exit }
  | { readonly kind: 'canceled' }
  /** `limit` is a Go duration: `1h0m0s`. */
  | { readonly kind: 'timed_out'; readonly limit: string }
  | { readonly kind: 'missing_dependency'; readonly message: string }
  /** What the job asks of the runner cannot be. */
  | { readonly kind: 'configuration_error'; readonly message: string }
  /** Neither the job's fault nor its wish. */
  | { readonly kind: 'system_failure'; readonly message: string }

/** gitlab-runner's last line. */
export function closingLine(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'success':
      return noticeLine('Job succeeded')
    case 'script_failed':
      return errorLine(`Job failed: ${describeExit(outcome.exit)}`)
    case 'canceled':
      return errorLine('Job failed: canceled')
    case 'timed_out':
      return errorLine(`Job failed: execution took longer than ${outcome.limit} seconds`)
    case 'missing_dependency':
    case 'configuration_error':
      return errorLine(`Job failed: ${outcome.message}`)
    case 'system_failure':
      return errorLine(`Job failed (system failure): ${outcome.message}`)
    default:
      return unreachable(outcome)
  }
}

/** What the coordinator is told. A canceled job is reported as failed, as gitlab-runner does: the server knows that it was canceling. */
export function updateFor(outcome: Outcome): JobUpdate {
  switch (outcome.kind) {
    case 'success':
      return { state: 'success' }
    case 'script_failed':
      return {
        state: 'failed',
        reason: 'script_failure',
        exitCode: outcome.exit.kind === 'exited' ? outcome.exit.code : null,
      }
    case 'canceled':
      return { state: 'failed', reason: 'unknown_failure', exitCode: null }
    case 'timed_out':
      return { state: 'failed', reason: 'job_execution_timeout', exitCode: null }
    case 'missing_dependency':
      return { state: 'failed', reason: 'missing_dependency_failure', exitCode: null }
    case 'configuration_error':
      return { state: 'failed', reason: 'runner_configuration_error', exitCode: null }
    case 'system_failure':
      return { state: 'failed', reason: 'runner_system_failure', exitCode: null }
    default:
      return unreachable(outcome)
  }
}

/** `CI_JOB_STATUS` in after_script. */
export function jobStatus(outcome: Outcome): 'success' | 'failed' | 'canceled' | 'timedout' {
  if (outcome.kind === 'success' || outcome.kind === 'canceled') return outcome.kind
  return outcome.kind === 'timed_out' ? 'timedout' : 'failed'
}

/** In the words of a line that says why something is tried again. */
export function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'script_failed') return describeExit(outcome.exit)
  return 'message' in outcome ? outcome.message : outcome.kind
}

/** Go's words: `exit status 1`, `signal: killed`. */
export function describeExit(exit: Exit): string {
  return exit.kind === 'exited'
    ? `exit status ${exit.code}`
    : `signal: ${SIGNALS[exit.signal] ?? exit.signal}`
}

const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGKILL: 'killed',
  SIGTERM: 'terminated',
  SIGSEGV: 'segmentation fault',
  SIGABRT: 'aborted',
  SIGINT: 'interrupt',
  SIGHUP: 'hangup',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
}

function unreachable(outcome: never): never {
  throw new Error(`Bug: unhandled ${JSON.stringify(outcome)}`)
}
