import type { WatchedRefs, WatchRules } from '../../model/watch-rules.ts'
import { compileRefPattern } from '../../shared/ref-pattern.ts'

/** Whether a ref, by its full name, starts pipelines under these rules. Patterns that do not compile match nothing: settings refuse them. */
export function wantedRefs(rules: WatchRules): (name: string) => boolean {
  const branches = matcher(rules.branches)
  const tags = matcher(rules.tags)
  return (name) => {
    const short = name.replace(/^refs\/(heads|tags)\//, '')
    return name.startsWith('refs/tags/') ? tags(short) : branches(short)
  }
}

function matcher(refs: WatchedRefs): (short: string) => boolean {
  if (refs === 'all') return () => true
  if (refs === 'none') return () => false
  const tests = refs.flatMap((pattern) => {
    const compiled = compileRefPattern(pattern)
    return compiled.ok ? [compiled.value] : []
  })
  return (short) => tests.some((test) => test(short))
}
