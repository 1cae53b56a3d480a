import type { Diagnostic, Span } from '../../shared/diagnostic.ts'
import type { YamlNode } from '../../yaml/node.ts'
import { isMapping, isString } from '../config/nodes.ts'
import { type LintedFile, warningAt } from './warning.ts'

/** An entry of a script whose quotes may not be balanced. Only a shell can tell: there are here-documents and `$'…'`. */
export interface SuspectScript {
  readonly text: string
  readonly span: Span
}

const SCRIPTS = ['before_script', 'script', 'after_script'] as const
/** A file with more has another problem. */
const MOST_SUSPECTS = 20

/** Each entry for itself: the runner prints every one before it runs it, so a quote cannot reach from one into the next. */
export function suspectScripts({ written }: Pick<LintedFile, 'written'>): SuspectScript[] {
  const found: SuspectScript[] = []
  const look = (node: YamlNode | undefined): void => {
    if (node === undefined || found.length >= MOST_SUSPECTS) return
    if (node.kind === 'sequence') node.items.forEach(look)
    else if (isString(node) && endsInQuotes(node.value)) found.push({ text: node.value, span: node.span })
  }
  const lookIn = (node: YamlNode): void => {
    if (isMapping(node)) for (const key of SCRIPTS) look(node.entries.get(key)?.value)
  }
  lookIn(written)
  for (const { value } of written.entries.values()) lookIn(value)
  return found
}

/** What the shell says of a suspect: `quote` is never closed. */
export function openQuote({ config }: LintedFile, { span }: SuspectScript, quote: string): Diagnostic {
  return warningAt(config.sources, span, {
    code: 'script.quotes',
    message: `the script opens a ${quote} and does not close it`,
    help: 'bash -n: unexpected EOF while looking for matching quote',
  })
}

/** Follows quotes as a shell does in plain lines. */
function endsInQuotes(text: string): boolean {
  let open = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\' && open !== "'") at += 1
    else if (character === open) open = ''
    else if (open !== '') continue
    else if (character === "'" || character === '"') open = character
    else if (character === '#' && /(?:^|\s)$/.test(text.slice(Math.max(0, at - 1), at)))
      at = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at)
  }
  return open !== ''
}
