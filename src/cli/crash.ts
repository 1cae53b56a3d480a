import { EXIT } from './exit-code.ts'

/** True for the errors that mean "no room left", from the file system or from SQLite. */
export function isFullDisk(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].includes(String(error.code))
  )
}

/** What nobody foresaw, as text and exit code: a full disk is the machine's matter, anything else is a bug of ours. */
export function describeCrash(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (isFullDisk(error))
    return { text: `error: no room left on the disk: ${String(error)}\n`, exitCode: EXIT.machine }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return {
    text: `error: this should not have happened; it is a bug of Sluice\n${what}\n`,
    exitCode: EXIT.bug,
  }
}
