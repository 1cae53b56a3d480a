import { openCatFile } from '../../platform/cat-file.ts'
import { readText } from '../../platform/bare-repository.ts'
import { join } from 'node:path'

/** What `.git/shallow` of a job's repository holds: where its history ends. */
export interface Depths {
  /** Text of the file for `depth` commits from `sha` on, 0 for all of them; null: no such file. */
  shallow(sha: string, depth: number): Promise<string | null>
}

/** Kept answers; more are asked for anew. */
const MOST_KNOWN = 1_000

/**
 * git's `--depth`: a commit is at the end when the shortest way to it from the tip has `depth` commits. Walked once for each
 * tip, over one git process. Where the mirror's own history ends, the job's does too.
 */
export function openDepths(gitDir: string): Depths {
  const known = new Map<string, Promise<string | null>>()
  return {
    async shallow(sha, depth) {
      const own = readText(join(gitDir, 'shallow')) ?? null
      if (depth <= 0) return own
      const key = `${sha} ${depth} ${own ?? ''}`
      let text = known.get(key)
      if (!text) {
        if (known.size >= MOST_KNOWN) known.clear()
        text = walk(gitDir, { sha, depth, own })
        known.set(key, text)
        text.catch(() => known.delete(key))
      }
      return text
    },
  }
}

async function walk(
  gitDir: string,
  { sha, depth, own }: { readonly sha: string; readonly depth: number; readonly own: string | null },
): Promise<string | null> {
  const ends = new Set((own ?? '').split('\n').filter((line) => line !== ''))
  const objects = openCatFile(gitDir)
  try {
    const seen = new Set([sha])
    let level = [sha]
    for (let at = 1; at < depth && level.length > 0; at++) {
      const parents = await Promise.all(level.filter((each) => !ends.has(each)).map(parentsOf))
      level = [...new Set(parents.flat())].filter((each) => !seen.has(each))
      for (const each of level) seen.add(each)
    }
    // A root commit is no end: nothing is missing behind it.
    const cut = await Promise.all(
      level.map(async (each) => ((await parentsOf(each)).length > 0 ? [each] : [])),
    )
    for (const each of cut.flat()) ends.add(each)
  } finally {
    objects.close()
  }
  return ends.size === 0
    ? null
    : [...ends]
        .toSorted()
        .map((end) => `${end}\n`)
        .join('')

  async function parentsOf(commit: string): Promise<string[]> {
    const object = await objects.contents(commit, 1024 * 1024)
    if (object?.type !== 'commit' || !object.bytes) return []
    const head = object.bytes.toString('latin1').split('\n\n', 1)[0] ?? ''
    return [...head.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map(([, parent = '']) => parent)
  }
}
