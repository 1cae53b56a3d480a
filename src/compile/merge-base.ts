import type { GitRepository } from '../platform/git.ts'

const ONE = 1
const OTHER = 2
const BOTH = ONE | OTHER

/**
 * The youngest commit that both histories contain, as `git merge-base` finds it in a history without
 * criss-cross merges; undefined when they share none. Walks back from both by commit date, so it reads little
 * more than what the two do not share.
 */
export async function mergeBase(
  repository: Pick<GitRepository, 'commit'>,
  one: string,
  other: string,
): Promise<string | undefined> {
  const seen = new Map<string, number>()
  const queue: { sha: string; parents: readonly string[]; date: number }[] = []

  async function reach(sha: string, side: number): Promise<void> {
    const before = seen.get(sha) ?? 0
    if ((before | side) === before) return
    seen.set(sha, before | side)
    const commit = await repository.commit(sha)
    if (commit === undefined) return
    queue.push({ sha, parents: commit.parents, date: Date.parse(commit.committedAt) })
    queue.sort((a, b) => a.date - b.date)
  }

  await reach(one, ONE)
  await reach(other, OTHER)
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const side = seen.get(next.sha) ?? 0
    if (side === BOTH) return next.sha
    for (const parent of next.parents) await reach(parent, side)
  }
  return undefined
}
