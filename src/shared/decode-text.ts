import { isUtf8 } from 'node:buffer'

/** Stands for a byte that is no UTF-8: a lone surrogate, which no UTF-8 text has. */
export const UNDECODABLE = '\udcff'

/** The text of a file; bytes that are no UTF-8 are told apart from U+FFFD, which a text may hold. */
export function decodeText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  // Most texts have none, and need no second look.
  if (!text.includes('\ufffd') || isUtf8(bytes)) return text
  return text.replaceAll('\ufffd', UNDECODABLE)
}
