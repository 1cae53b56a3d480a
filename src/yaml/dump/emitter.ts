import { UNPRINTABLE, type ScalarStyle } from './scalar-style.ts'

/** libyaml breaks a scalar at the first space beyond this column (`best_width`). */
const BEST_WIDTH = 80

/** Writes as libyaml's emitter does: it knows its column, and whether it stands behind white space. */
export interface Emitter {
  /** Begins a line, or stays where it is when that is the right place already. */
  indent(columns: number): void
  /** `-`, `:`, `[]`. */
  indicator(text: string, spaced: boolean, keepsIndention: boolean): void
  /** `header` stands behind the `|` of a literal. */
  scalar(text: string, style: ScalarStyle, columns: number, header?: string): void
  /** As it is, at the end of a line. */
  append(text: string): void
  /** Whether nothing but indentation and `-` stands in this line. */
  readonly indention: boolean
  text(): string
}

export function startEmitter(): Emitter {
  const parts: string[] = []
  let column = 0
  let whitespace = true
  let indention = true
  /** The last literal keeps its trailing line feeds, so that only a mark can end the document. */
  let openEnded = false

  function put(text: string): void {
    parts.push(text)
    const line = text.lastIndexOf('\n')
    const last = line === -1 ? text : text.slice(line + 1)
    // libyaml counts characters, JavaScript code units.
    column = (line === -1 ? column : 0) + Array.from(last).length
  }

  function indent(columns: number): void {
    if (!indention || column > columns || (column === columns && !whitespace)) put('\n')
    if (column < columns) put(' '.repeat(columns - column))
    whitespace = true
    indention = true
  }

  function indicator(text: string, spaced: boolean, keepsIndention: boolean): void {
    put(spaced && !whitespace ? ` ${text}` : text)
    whitespace = false
    indention &&= keepsIndention
  }

  /** Words, with a line break instead of a lone space where the line is full. `columns` undefined: a key, which is never broken. */
  function flow(text: string, columns: number | undefined, quoted: boolean): void {
    let spaces = false
    for (let at = 0; at < text.length;) {
      if (text[at] !== ' ') {
        const next = text.indexOf(' ', at)
        const end = next === -1 ? text.length : next
        put(text.slice(at, end))
        at = end
        spaces = false
        continue
      }
      const inside = !quoted || (at > 0 && at < text.length - 1)
      const fold = columns !== undefined && !spaces && column > BEST_WIDTH && inside && text[at + 1] !== ' '
      if (fold) foldTo(columns)
      else put(' ')
      at++
      spaces = true
    }
  }

  function foldTo(columns: number): void {
    indention = false
    indent(columns)
    indention = false
  }

  function single(text: string, columns: number | undefined): void {
    indicator("'", true, false)
    let first = true
    for (const run of text.match(/\n+|[^\n]+/g) ?? []) {
      if (!run.startsWith('\n')) {
        flow(run.replaceAll("'", "''"), columns, true)
      } else {
        put(`\n${run}`)
        indention = true
        whitespace = true
        if (columns !== undefined) indent(columns)
      }
      first = false
    }
    if (first) whitespace = false
    put("'")
    whitespace = false
    indention = false
  }

  function double(text: string, columns: number | undefined): void {
    indicator('"', true, false)
    let spaces = false
    const characters = Array.from(text)
    for (const [at, character] of characters.entries()) {
      if (character !== ' ') {
        put(escaped(character))
        spaces = false
        continue
      }
      const inside = at > 0 && at < characters.length - 1
      if (columns !== undefined && !spaces && column > BEST_WIDTH && inside) {
        foldTo(columns)
        if (characters[at + 1] === ' ') put('\\')
      } else put(' ')
      spaces = true
    }
    put('"')
    whitespace = false
    indention = false
  }

  function literal(text: string, columns: number, header: string): void {
    const leading = /^[ \n]/.test(text) ? '2' : ''
    const trailing = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
    indicator(`|${leading}${trailing}${header}`, true, false)
    openEnded = trailing === '+'
    const lines = text.split('\n')
    if (lines.at(-1) === '') lines.pop()
    for (const line of lines) put(line === '' ? '\n' : `\n${' '.repeat(columns)}${line}`)
    whitespace = false
    indention = false
  }

  return {
    indent,
    indicator,
    scalar(text, style, columns, header = '') {
      if (style === 'literal') literal(text, columns, header)
      else if (style === 'single') single(text, columns < 0 ? undefined : columns)
      else if (style === 'double') double(text, columns < 0 ? undefined : columns)
      else {
        if (!whitespace && text !== '') put(' ')
        flow(text, columns < 0 ? undefined : columns, false)
        whitespace = false
        indention = false
      }
    },
    append(text) {
      put(text)
      whitespace = false
      indention = false
    },
    get indention() {
      return indention
    },
    text: () => `${parts.join('')}\n${openEnded ? '...\n' : ''}`,
  }
}

const NAMED: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
}

function escaped(character: string): string {
  const named = NAMED[character]
  if (named !== undefined) return named
  if (!UNPRINTABLE.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
