import type { Span } from '../shared/diagnostic.ts'

/** A piece of a scalar as it is written, and the text that it stands for. */
interface Piece {
  readonly start: number
  readonly end: number
  readonly text: string
}

const BLANK = /[ \t\r\n]/

/**
 * Where the character at `offset` of a scalar's text is written, however it is: plain, quoted with escapes, folded over
 * lines. The last character for an offset behind the end; the whole scalar where the two cannot be matched.
 */
export function spanInside(source: string, span: Span, text: string, offset: number): Span {
  const pieces = piecesOf(source.slice(span.start, span.end)).filter((piece) => !BLANK.test(piece.text))
  if (pieces.length === 0 || pieces.map((piece) => piece.text).join('') !== withoutBlanks(text)) return span
  // Blanks may be folded line breaks, so only what stands between them is counted.
  let left = withoutBlanks(text.slice(0, offset)).length
  const index = pieces.findIndex((piece) => (left -= piece.text.length) < 0)
  const isBlank = offset < text.length && BLANK.test(text.charAt(offset))
  const before = pieces[index === -1 ? pieces.length - 1 : Math.max(0, index - 1)]
  const found = index === -1 || isBlank ? before : pieces[index]
  if (!found) return span
  // A blank that should not be there stands right behind the character before it.
  const start = span.start + (isBlank ? found.end : found.start)
  const end = isBlank ? start + 1 : span.start + found.end
  return { ...span, start, end }
}

function withoutBlanks(text: string): string {
  return text.replaceAll(/[ \t\r\n]/g, '')
}

function piecesOf(raw: string): readonly Piece[] {
  if (raw.startsWith("'")) return split(raw.slice(0, -1), 1, /''|[^]/y, (written) => written.slice(0, 1))
  if (raw.startsWith('"')) return split(raw.slice(0, -1), 1, ESCAPED, unescaped)
  const header = /^[|>].*\r?\n/.exec(raw)?.[0].length ?? 0
  return split(raw, header, /[^]/y, (written) => written)
}

function split(raw: string, from: number, pattern: RegExp, textOf: (written: string) => string): Piece[] {
  const pieces: Piece[] = []
  for (let at = from; at < raw.length; at = pattern.lastIndex) {
    pattern.lastIndex = at
    const written = pattern.exec(raw)?.[0] ?? ''
    if (written === '') break
    pieces.push({ start: at, end: at + written.length, text: textOf(written) })
  }
  return pieces
}

/** What a double-quoted scalar is made of (YAML 1.1, 5.6). */
const ESCAPED = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|\r\n|[^])|[^]/y

const NAMED: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
])

function unescaped(written: string): string {
  if (!written.startsWith('\\')) return written
  const rest = written.slice(1)
  return rest.length > 1 && rest !== '\r\n'
    ? String.fromCodePoint(Number.parseInt(rest.slice(1), 16))
    : (NAMED.get(rest) ?? rest)
}
