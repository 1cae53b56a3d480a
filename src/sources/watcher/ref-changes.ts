import type { KnownRef, RefChange } from '../../model/ref-change.ts'
import type { RefTip } from '../../platform/git.ts'

/**
 * What moved between two looks at a repository: new, moved and deleted branches and tags, in the order of git's listing.
 * Refs that are `damaged` (their commit is not there, their file cut short) stand where they stood.
 */
export function refChanges(
  known: ReadonlyMap<string, KnownRef>,
  tips: readonly RefTip[],
  damaged: (name: string) => boolean = () => false,
): RefChange[] {
  const changes: RefChange[] = []
  const there = new Set<string>()
  for (const tip of tips) {
    const name = `refs/${tip.tag ? 'tags' : 'heads'}/${tip.name}`
    there.add(name)
    const before = known.get(name)
    if (before?.sha !== tip.sha)
      changes.push({ name, from: before?.sha ?? null, to: tip.sha, moves: before?.moves ?? 0 })
  }
  for (const [name, { sha, moves }] of known)
    if (sha !== null && !there.has(name) && !damaged(name)) changes.push({ name, from: sha, to: null, moves })
  return changes
}
