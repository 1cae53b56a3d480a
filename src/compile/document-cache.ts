import type { DocumentCache } from '../ci/include/port.ts'
import type { ParsedFile } from '../ci/document.ts'

/** Characters of text whose trees are kept; the oldest go first. A tree is some ten times its text. */
const MOST_CHARACTERS = 4 * 1024 * 1024

const parsed = new Map<string, { readonly file: ParsedFile; readonly size: number }>()
let total = 0

/** What files were parsed into, by name and blob: unchanged ones are parsed once in a process. */
export const documentCache: DocumentCache<ParsedFile> = {
  get: (file, identity) => parsed.get(`${file}\0${identity}`)?.file,
  set(file, identity, document, size) {
    parsed.set(`${file}\0${identity}`, { file: document, size })
    total += size
    for (const [key, oldest] of parsed) {
      if (total <= MOST_CHARACTERS || parsed.size === 1) break
      parsed.delete(key)
      total -= oldest.size
    }
  },
}
