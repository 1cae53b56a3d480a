/** One thing that was looked at. `error`: Sluice cannot work like this. */
export interface Finding {
  /** A short name: `git`, `sandbox`. */
  readonly check: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly message: string
  /** What would mend it; null where there is nothing to mend. */
  readonly fix: string | null
}

export const fine = (check: string, message: string): Finding => ({ check, level: 'ok', message, fix: null })

export const doubtful = (check: string, message: string, fix: string): Finding => ({
  check,
  level: 'warning',
  message,
  fix,
})

export const broken = (check: string, message: string, fix: string): Finding => ({
  check,
  level: 'error',
  message,
  fix,
})
