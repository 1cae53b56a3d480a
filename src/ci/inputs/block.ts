import { err, ok, type Result } from '../../shared/result.ts'
import type { YamlNode } from '../../yaml/node.ts'
import type { Finding } from '../texts.ts'
import { type AccessContext, evaluateAccess } from './access.ts'
import { findFunctions, type FunctionContext } from './functions.ts'
import { tooManyFunctions } from './texts.ts'

const MOST_FUNCTIONS = 3

/** A `$[[ data ]]` in a text. */
export interface FoundBlock {
  readonly start: number
  readonly end: number
  readonly data: string
}

export interface BlockContext extends FunctionContext {
  readonly values: AccessContext
}

/**
 * The blocks of a text. GitLab's pattern is `\$\[\[\s*(\S.*?\S)\s*\]\]` in RE2; this finds the same in one pass over
 * the text, however many openings it has.
 */
export function findBlocks(text: string): FoundBlock[] {
  const blocks: FoundBlock[] = []
  let close = -1
  let lineEnd = -1
  for (let start = text.indexOf('$[['); start !== -1;) {
    const from = skipSpace(text, start + 3)
    // Two characters at least.
    if (close < from + 2) close = text.indexOf(']]', from + 2)
    if (close === -1) break
    if (lineEnd < from) lineEnd = endOfLine(text, from)
    const block = blockAt(text, start, from, close, lineEnd)
    if (block) blocks.push(block)
    start = text.indexOf('$[[', block?.end ?? start + 3)
  }
  return blocks
}

function blockAt(
  text: string,
  start: number,
  from: number,
  firstClose: number,
  lineEnd: number,
): FoundBlock | undefined {
  for (let close = firstClose; close !== -1; close = text.indexOf(']]', close + 1)) {
    const data = text.slice(from, close).trimEnd()
    if (from + data.length > lineEnd) return undefined
    if (data.length >= 2) return { start, end: close + 2, data }
  }
  return undefined
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (/[\s]/.test(text.charAt(at))) at++
  return at
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

/** GitLab: `$[[ matrix.NAME ]]` is left for `needs:parallel:matrix`, which is resolved much later. */
export function staysForLater(data: string): boolean {
  return accessOf(data).split('.')[0] === 'matrix'
}

/** The value of a block, or all that is wrong with it. */
export function evaluateBlock(data: string, context: BlockContext): Result<YamlNode, readonly Finding[]> {
  const value = evaluateAccess(accessOf(data), context.values)
  if (!value.ok) return err([value.error])
  const names = data.split('|').slice(1)
  while (names.at(-1) === '') names.pop()
  if (names.length > MOST_FUNCTIONS) return err([tooManyFunctions])
  const functions = findFunctions(names.map((name) => name.trim()))
  if (!functions.ok) return functions
  let current = value.value
  for (const apply of functions.value) {
    const next = apply(current, context)
    if (!next.ok) return err([next.error])
    current = next.value
  }
  return ok(current)
}

function accessOf(data: string): string {
  return (data.split('|')[0] ?? '').trim()
}
