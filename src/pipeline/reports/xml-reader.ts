import { decodeEntities } from './xml-entities.ts'

/** What is told of a document, in its order. Text may come in pieces. */
export interface XmlListener {
  open(name: string, attributes: ReadonlyMap<string, string>): void
  text(text: string): void
  close(name: string): void
}

/** The document is not well formed; the message is libxml2's, with its place. */
export class XmlError extends Error {
  override readonly name = 'XmlError'
}

/** libxml2: `AttValue length too long`. */
const LONGEST_TAG = 10_000_000
/** libxml2: `Excessive depth in document`. */
const DEEPEST = 256

const NAME = /^[\p{L}_:][\p{L}\p{N}_:.\-·]*/u
const ATTRIBUTE = /\s*([\p{L}_:][\p{L}\p{N}_:.\-·]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/uy

/** What ends each kind of markup that is not an element; what is inside is text only in CDATA. */
const SPECIAL: readonly (readonly [start: string, end: string, isText: boolean])[] = [
  ['<!--', '-->', false],
  ['<![CDATA[', ']]>', true],
  ['<?', '?>', false],
]

/**
 * Reads XML piece by piece, in memory that does not grow with the document. Document types are passed over and never fetched, their
 * entities are unknown. Several documents may follow each other, as in a report made of several files.
 */
export function xmlReader(listener: XmlListener): { write(piece: string): void; end(): void } {
  const open: { readonly name: string; readonly line: number }[] = []
  let rest = ''
  let inside: (typeof SPECIAL)[number] | undefined
  let line = 1
  let lineStart = 0
  let read = 0
  let documents = 0

  function fail(message: string, at: number): never {
    throw new XmlError(`${line}:${read + at - lineStart + 1}: FATAL: ${message}`)
  }

  function pass(text: string): void {
    for (let feed = text.indexOf('\n'); feed !== -1; feed = text.indexOf('\n', feed + 1)) {
      line++
      lineStart = read + feed + 1
    }
    read += text.length
  }

  /** Says a piece of text. What may be half an entity is kept back unless this is the end of the text. */
  function say(text: string, whole: boolean): number {
    const half = whole ? -1 : text.lastIndexOf('&')
    const ready =
      half !== -1 && text.length - half < 16 && !text.includes(';', half) ? text.slice(0, half) : text
    if (open.length === 0) {
      const stray = ready.search(/[^\s\uFEFF]/)
      if (stray !== -1)
        fail(
          documents === 0 ? "Start tag expected, '<' not found" : 'Extra content at the end of the document',
          stray,
        )
    } else if (ready !== '') listener.text(ready.includes('&') ? decoded(ready) : ready)
    pass(ready)
    return ready.length
  }

  function decoded(text: string): string {
    return decodeEntities(text) ?? fail('xmlParseEntityRef: no name', text.indexOf('&'))
  }

  /** Takes one piece of markup off the start of `rest`; false: more must come first. */
  function markup(): boolean {
    const special = SPECIAL.find(([start]) => rest.startsWith(start))
    if (special) {
      inside = special
      pass(special[0])
      rest = rest.slice(special[0].length)
      return true
    }
    if (rest.length < 9 && SPECIAL.some(([start]) => start.startsWith(rest))) return false
    const end = rest.startsWith('<!') ? endOfDeclaration(rest) : endOfTag(rest)
    if (end === -1) {
      if (rest.length > LONGEST_TAG) fail('AttValue length too long', 0)
      return false
    }
    const tag = rest.slice(0, end + 1)
    if (tag.startsWith('</')) closeTag(tag)
    else if (!tag.startsWith('<!')) openTag(tag)
    pass(tag)
    rest = rest.slice(tag.length)
    return true
  }

  function openTag(tag: string): void {
    const empty = tag.endsWith('/>')
    const body = tag.slice(1, empty ? -2 : -1)
    const name = NAME.exec(body)?.[0] ?? fail('StartTag: invalid element name', 1)
    const attributes = new Map<string, string>()
    ATTRIBUTE.lastIndex = name.length
    let at = name.length
    for (let found = ATTRIBUTE.exec(body); found; found = ATTRIBUTE.exec(body)) {
      const key = found[1] ?? ''
      if (attributes.has(key)) fail(`Attribute ${key} redefined`, at)
      const value = found[2] ?? found[3] ?? ''
      attributes.set(key, value.includes('&') ? decoded(value) : value)
      at = ATTRIBUTE.lastIndex
    }
    if (body.slice(at).trim() !== '') fail(`attributes construct error`, at + 1)
    if (open.length >= DEEPEST) fail(`Excessive depth in document: ${DEEPEST} use XML_PARSE_HUGE option`, 0)
    if (open.length === 0) documents++
    listener.open(name, attributes)
    if (empty) listener.close(name)
    else open.push({ name, line })
  }

  function closeTag(tag: string): void {
    const name = tag.slice(2, -1).trim()
    const top = open.pop()
    if (!top) fail('Extra content at the end of the document', 0)
    if (top.name !== name)
      fail(`Opening and ending tag mismatch: ${top.name} line ${top.line} and ${name}`, tag.length)
    listener.close(name)
  }

  /** Goes on within CDATA, a comment or an instruction; false: it has not ended yet. */
  function goOn([, end, isText]: (typeof SPECIAL)[number]): boolean {
    const at = rest.indexOf(end)
    const content = at === -1 ? rest.slice(0, Math.max(0, rest.length - end.length + 1)) : rest.slice(0, at)
    if (isText && content !== '' && open.length > 0) listener.text(content)
    const taken = at === -1 ? content : content + end
    pass(taken)
    rest = rest.slice(taken.length)
    if (at !== -1) inside = undefined
    return at !== -1
  }

  return {
    write(piece) {
      rest += piece
      while (rest !== '') {
        if (inside) {
          if (!goOn(inside)) return
          continue
        }
        const next = rest.indexOf('<')
        if (next === 0) {
          if (!markup()) return
          continue
        }
        const text = next === -1 ? rest : rest.slice(0, next)
        const taken = say(text, next !== -1)
        rest = rest.slice(taken)
        if (taken < text.length) return
      }
    },
    end() {
      if (rest !== '' && !rest.startsWith('<')) say(rest, true)
      const top = open.at(-1)
      if (top) fail(`Premature end of data in tag ${top.name} line ${top.line}`, 0)
      if (rest.startsWith('<')) fail('StartTag: invalid element name', 1)
      if (documents === 0) fail('Document is empty', 0)
    },
  }
}

/** Where a tag's `>` is: not one inside an attribute's value. */
function endOfTag(text: string): number {
  let at = 1
  for (;;) {
    const end = text.indexOf('>', at)
    if (end === -1) return -1
    const quote = firstQuote(text, at, end)
    if (quote === -1) return end
    const close = text.indexOf(text.charAt(quote), quote + 1)
    if (close === -1) return -1
    at = close + 1
  }
}

function firstQuote(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) if (text[at] === '"' || text[at] === "'") return at
  return -1
}

/** `<!DOCTYPE …>`, with what stands in its brackets. */
function endOfDeclaration(text: string): number {
  const bracket = text.indexOf('[')
  const end = text.indexOf('>')
  if (bracket === -1 || end < bracket) return end
  const close = text.indexOf(']', bracket)
  return close === -1 ? -1 : text.indexOf('>', close)
}
