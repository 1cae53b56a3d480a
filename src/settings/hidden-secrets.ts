import type { Sources } from '../shared/diagnostic.ts'

/** A key whose value may be secret, up to that value. */
const KEY =
  /(?<lead>^|[\s{,[])(?<quote>["']?)(?:value|\w*(?:token|secret|password|passwd|passphrase|private_key|access_key|api_key))\k<quote>[ \t]*:[ \t]*(?:[&!]\S*[ \t]+)*/gim
/** GitLab's tokens are known by their prefix, wherever they stand. */
const TOKEN = /\bgl[a-z]{1,6}-[\w-]{4,}/g
/** What names a secret and holds none, and what is no text. */
const NO_SECRET = /["']?(?:\$\{|file:)|[{[\]},*]/y

/**
 * The texts for code frames, which end in logs and tickets: each secret is as many stars, so that every column stays
 * where it was.
 */
export function withoutSecrets(sources: Sources): Sources {
  return new Map([...sources].map(([file, text]) => [file, hide(text)]))
}

function hide(text: string): string {
  let shown = ''
  let at = 0
  for (const match of text.matchAll(KEY)) {
    const start = match.index + match[0].length
    if (match.index < at || endOf(NO_SECRET, text, start) > start) continue
    const end = endOfValue(text, start, match.index + (match.groups?.['lead']?.length ?? 0))
    shown += text.slice(at, start) + stars(text.slice(start, end))
    at = end
  }
  return (shown + text.slice(at)).replaceAll(TOKEN, stars)
}

const DOUBLE_QUOTED = /"(?:[^"\\]|\\[^])*"?/y
const SINGLE_QUOTED = /'(?:[^']|'')*'?/y
const IN_FLOW = /[^,}\]\r\n]*?(?=[ \t]+#|[ \t]*(?:[,}\]\r\n]|$))/y
const TO_LINE_END = /(?!#)[^\r\n]*?(?=[ \t]+#|[ \t]*(?:[\r\n]|$))/y

/** Where the scalar ends that begins at `start`; its key begins at `key`. */
function endOfValue(text: string, start: number, key: number): number {
  const first = text.charAt(start)
  if (first === '"') return endOf(DOUBLE_QUOTED, text, start)
  if (first === "'") return endOf(SINGLE_QUOTED, text, start)
  const lineStart = text.lastIndexOf('\n', key - 1) + 1
  const isBlock = /^[ \t]*(?:-[ \t]+)*$/.test(text.slice(lineStart, key))
  if (!isBlock) return endOf(IN_FLOW, text, start)
  const isLiteral = first === '|' || first === '>'
  const below = endOfDeeper(text, start, key - lineStart, isLiteral)
  return below ?? endOf(TO_LINE_END, text, start)
}

/** What begins an entry of a mapping or a list. */
const ENTRY = /^(?:-[ \t]|["']?[\w.-]+["']?[ \t]*:(?:\s|$))/

/** The end of the lines that belong to a scalar because they are indented more than its key; undefined when none does. */
function endOfDeeper(text: string, start: number, column: number, isLiteral: boolean): number | undefined {
  let end: number | undefined
  for (let at = text.indexOf('\n', start); at !== -1; at = text.indexOf('\n', at + 1)) {
    const line = /[^\n]*/y
    line.lastIndex = at + 1
    const row = line.exec(text)?.[0] ?? ''
    const content = row.trimStart()
    if (content === '') continue
    if (row.length - content.length <= column || (!isLiteral && ENTRY.test(content))) break
    end = at + 1 + row.length
  }
  return end
}

function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : start
}

/** Quotes, comments behind a key and indentation stay. */
function stars(value: string): string {
  const [, quote = ''] = /^(["']).*\1$/s.exec(value) ?? []
  const inner = quote === '' ? value : value.slice(1, -1)
  const [first = '', ...others] = inner.split('\n')
  const head = others.length > 0 && /^[#|>]/.test(first) ? first : starred(first)
  const rows = others.map((row) => row.replace(/\S.*$/s, starred))
  return quote + [head, ...rows].join('\n') + quote
}

function starred(text: string): string {
  return text.replaceAll(/[^\r]/g, '*')
}
