import type { YamlEntry, YamlMapping } from '../../yaml/node.ts'
import { closest } from '../../shared/closest.ts'
import { configError, type Report } from '../report.ts'
import { unknownKeys, type Finding } from '../texts.ts'
import { entriesBeyond } from './nodes.ts'

/**
 * Reports the keys of a hash that are not allowed, all in one message as GitLab does, at the first of them.
 */
export function checkKeys(
  mapping: YamlMapping,
  allowed: readonly string[],
  report: Report,
  text = unknownKeys,
): void {
  reportUnknown(
    entriesBeyond(mapping, (key) => allowed.includes(key)),
    allowed,
    report,
    text,
  )
}

export function reportUnknown(
  entries: readonly YamlEntry[],
  allowed: readonly string[],
  report: Report,
  text: (keys: readonly string[]) => Finding = unknownKeys,
): void {
  const first = entries[0]
  if (first === undefined) return
  const keys = entries.map((entry) => entry.key.text)
  configError(report, first.key.span, text(keys), didYouMean(keys, allowed))
}

/** What GitLab took until 14.x. */
const FORMER: ReadonlyMap<string, string> = new Map([
  ['type', 'stage'],
  ['types', 'stages'],
])

/** The keyword that a word of earlier versions has become. */
export function renamed(word: string): string | undefined {
  const now = FORMER.get(word)
  return now && `"${word}" is called "${now}" today`
}

/** `did you mean "script"?` for each word that is near a known one. */
export function didYouMean(words: readonly string[], known: readonly string[]): string | undefined {
  const former = words.find((word) => known.includes(FORMER.get(word) ?? ''))
  if (former !== undefined) return renamed(former)
  const near = words.flatMap((word) => {
    const best = closest(word, known)
    return best === undefined ? [] : [words.length === 1 ? `"${best}"` : `"${best}" for "${word}"`]
  })
  return near.length === 0 ? undefined : `did you mean ${near.join(', ')}?`
}
