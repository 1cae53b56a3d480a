import { randomBytes } from 'node:crypto'

/** `prefix` and so many random bytes in base64url (`[A-Za-z0-9_-]`), safe in URLs, headers and file names. */
export function randomToken(prefix: string, bytes: number): string {
  return prefix + randomBytes(bytes).toString('base64url')
}
