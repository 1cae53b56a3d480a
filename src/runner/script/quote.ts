/** Quotes a value so that one shell reads it back unchanged; a NUL, which no shell can hold, is left out. */
export type Quote = (value: string) => string

const PLAIN = /^[A-Za-z0-9_./:=@%+,-]+$/

/** bash: `$'…'` with everything outside printable ASCII as bytes, so that no locale can misread it. */
export const quoteForBash: Quote = (value) => {
  if (PLAIN.test(value)) return value
  return `$'${value.replace(NEEDS_ESCAPE, escapeForBash)}'`
}

/** POSIX sh, which has no `$'…'`. */
export const quoteForSh: Quote = (value) => {
  if (PLAIN.test(value)) return value
  return `'${value.replaceAll('\0', '').replaceAll("'", `'\\''`)}'`
}

// Everything but printable ASCII, and the two characters that mean something inside $'…'.
const NEEDS_ESCAPE = /[^\x20-\x7e]+|['\\]/g

const NAMED: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\0': '',
  "'": "\\'",
  '\\': '\\\\',
}

function escapeForBash(text: string): string {
  if (text.length === 1 && NAMED[text] !== undefined) return NAMED[text]
  let escaped = ''
  for (const character of text) escaped += NAMED[character] ?? escapeBytes(character)
  return escaped
}

function escapeBytes(character: string): string {
  let escaped = ''
  for (const byte of Buffer.from(character)) escaped += `\\x${byte.toString(16).padStart(2, '0')}`
  return escaped
}
