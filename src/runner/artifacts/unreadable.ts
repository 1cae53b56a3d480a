const UNREADABLE = 'UNREADABLE'

/** Whether a file could not be kept because its owner may not read it. */
export function isUnreadable(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === UNREADABLE
}

/** What is thrown when a file cannot be opened: in Go's words, and with the path that people know. */
export function openingFailed(path: string, error: unknown): unknown {
  const denied = error instanceof Error && 'code' in error && error.code === 'EACCES'
  if (!denied) return error
  return Object.assign(new Error(`open ${path}: permission denied`, { cause: error }), { code: UNREADABLE })
}
