/** One thing that was looked at. `error`: Sluice cannot work like this. */
export interface Finding {
  /** A short name: `git`, `sandbox`. */
  readonly check: string
  readonly level: 'ok' | 'warning' | 'error'
  readonly message: string
  /** What would mend it; null where there is nothing to mend. */
  readonly fix: string | null
}

/** Commands that are root's. */
const OF_ROOT = /(^|: |, )(?=(?:apt-get|sysctl|timedatectl|chown) )/g

/** The finding with a fix that works when this user types it. */
export function forUser(finding: Finding, isRoot: boolean): Finding {
  const { fix } = finding
  return isRoot || fix === null ? finding : { ...finding, fix: fix.replaceAll(OF_ROOT, '$1sudo ') }
}

/** A path as it is typed in a shell. */
export function typed(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
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
