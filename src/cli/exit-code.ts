import type { Refusal } from '../model/command.ts'
import type { Status } from '../model/status.ts'

/** Every exit code that Sluice has; nothing below the commands knows one. */
export const EXIT = {
  success: 0,
  /** A job failed. */
  failed: 1,
  /** Wrong use: an unknown flag, job, file or ref, a `runner.config.yaml` with a mistake. */
  usage: 2,
  /** `.gitlab-ci.yml` is invalid. */
  invalid: 3,
  /** The file is valid, but no job runs for this event and ref. */
  nothingToRun: 4,
  /** A daemon cannot be reached, or refused. */
  refused: 5,
  /** The machine: no shell, no sandbox, no room on the disk, a port or a state folder in use. */
  machine: 6,
  /** A time limit that was asked for is over. */
  timeout: 124,
  /** A bug of ours; EX_SOFTWARE of sysexits.h, so that it is never taken for a failed job. */
  bug: 70,
} as const

/** What ends a process from outside, as shells count: 128 and the signal's number. */
export const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

export type EndingSignal = keyof typeof SIGNAL_EXIT

/** A pipeline that waits for a person (`manual`) has done all that it could: 0. */
export function exitCodeOfPipeline(status: Status): number {
  return status === 'failed' || status === 'canceled' ? EXIT.failed : EXIT.success
}

export function exitCodeOfRefusal(reason: Refusal['reason']): number {
  return reason === 'filtered_by_rules' || reason === 'filtered_by_workflow_rules'
    ? EXIT.nothingToRun
    : EXIT.usage
}
