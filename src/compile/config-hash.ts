import { createHash } from 'node:crypto'
import type { Sources } from '../shared/diagnostic.ts'

/**
 * SHA-256 over all files of a configuration: that of the file itself when it includes nothing; otherwise the names and
 * texts of the others follow, in the order of their names.
 */
export function configHash(root: Buffer, sources: Sources): string {
  const hash = createHash('sha256').update(root)
  const [, ...included] = sources
  for (const [file, text] of included.toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`\0${file}\0${text}`)
  return hash.digest('hex')
}
