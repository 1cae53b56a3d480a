import { parseGoDuration } from '../../shared/go-duration.ts'

export interface TimeLimits {
  /** Seconds; null: that of the job. */
  readonly script: number | null
  readonly afterScript: number
  /** gitlab-runner's words about values that are not used. */
  readonly warnings: readonly string[]
}

/** `RUNNER_SCRIPT_TIMEOUT` and `RUNNER_AFTER_SCRIPT_TIMEOUT`. `job` and `afterScript`: the limits without them, in seconds. */
export function timeLimits(
  value: (key: string) => string | undefined,
  given: { readonly job: number; readonly afterScript: number },
): TimeLimits {
  const warnings: string[] = []
  const read = (key: string): number | null => {
    const written = value(key) ?? ''
    if (written.trim() === '') return null
    const seconds = parseGoDuration(written)
    if (seconds === undefined) warnings.push(`Ignoring malformed ${key} timeout: ${written}`)
    else if (seconds < 0) warnings.push(`Ignoring relative ${key} timeout: ${written}`)
    else if (seconds > given.job)
      warnings.push(`${key} timeout: ${written} is longer than job timeout. Setting to job timeout`)
    else return seconds === 0 ? null : seconds
    return null
  }
  const script = read('RUNNER_SCRIPT_TIMEOUT')
  return { script, afterScript: read('RUNNER_AFTER_SCRIPT_TIMEOUT') ?? given.afterScript, warnings }
}
