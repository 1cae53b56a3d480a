import { matches } from '../expression/pattern.ts'
import { REF_PATTERN } from '../config/only-except.ts'
import type { PathAnswer, Planning } from './context.ts'
import { refPatternOf } from './patterns.ts'

/** The refs of `only` and `except`: one item is enough. */
export function decideRefs(items: readonly string[], planning: Planning): PathAnswer {
  const { ref, tag, source, projectFullPath } = planning.facts
  const found = items.find((item) => fits(item, planning))
  const kind = tag ? 'tag' : 'branch'
  if (found === undefined) {
    const elsewhere = items.some((item) => item.includes('@') && !item.endsWith(`@${projectFullPath}`))
    const where = elsewhere ? `, in ${projectFullPath}` : ''
    return { matched: false, detail: `"${ref}" is a ${kind}, the source is ${source}${where}` }
  }
  if (found === 'branches' || found === 'tags') return { matched: true, detail: `"${ref}" is a ${kind}` }
  return {
    matched: true,
    detail: isSource(found, source) ? `the source is ${source}` : `"${ref}" fits ${found}`,
  }
}

/**
 * GitLab splits at the first `@`, blindly: a regular expression with an `@` in it is cut there and never
 * fits.
 */
function fits(item: string, planning: Planning): boolean {
  const { ref, tag, source, projectFullPath } = planning.facts
  const at = item.indexOf('@')
  const pattern = at === -1 ? item : item.slice(0, at)
  if (at !== -1 && item.slice(at + 1) !== projectFullPath) return false
  const isRef = source !== 'merge_request_event'
  if (isRef && pattern === (tag ? 'tags' : 'branches')) return true
  if (isSource(pattern, source)) return true
  if (!isRef) return false
  if (!REF_PATTERN.test(pattern)) return pattern === ref
  const compiled = refPatternOf(pattern, planning)
  return compiled !== undefined && matches(compiled, ref)
}

/** GitLab: the source without `_event`, or its plural. */
function isSource(word: string, source: string): boolean {
  const name = source.replace(/_event$/, '')
  return word === name || word === plural(name)
}

/** Rails' `pluralize` for the words that are sources. */
function plural(word: string): string {
  return /(s|x|sh|ch)$/.test(word) ? `${word}es` : word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`
}
