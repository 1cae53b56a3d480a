// Snapshots leave objects in the mirror; when their pipelines are pruned nothing needs those any more.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { incomingPrefix, readText } from './bare-repository.ts'
import { isMissing } from './files.ts'
import { gitOutput } from './git-command.ts'
import { openRepository } from './git.ts'
import type { GitRepository } from './git.ts'
import { pinFolder } from './mirror.ts'

/**
 * Removes what no pin (and, in a copying mirror, no ref) leads to and what was last written or used before `before` (ms since
 * the epoch); keep that an hour in the past, because a snapshot is written before it is pinned. Safe beside running pipelines.
 */
export async function sweepMirror(mirror: string, before: number): Promise<void> {
  await removeLeftOvers(mirror, before)
  if (readText(join(mirror, 'objects/info/alternates')) === undefined) {
    const args = ['gc', '--quiet', `--prune=${new Date(before).toISOString()}`]
    await gitOutput({ place: { kind: 'repository', gitDir: mirror }, args })
    return
  }
  const needed = await objectsOfPins(mirror)
  const objects = join(mirror, 'objects')
  for (const folder of await readdir(objects)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue
    for (const name of await readdir(join(objects, folder))) {
      const path = join(objects, folder, name)
      if (!needed.has(folder + name) && (await lastWritten(path)) < before) await rm(path, { force: true })
    }
  }
}

/** Folders of snapshots that were being written when their process was killed. */
async function removeLeftOvers(mirror: string, before: number): Promise<void> {
  for (const name of await readdir(mirror)) {
    const folder = join(mirror, name)
    if (name.startsWith(incomingPrefix) && (await lastWritten(folder)) < before)
      await rm(folder, { recursive: true, force: true })
  }
}

/** When it was last written (ms since the epoch); for what another process has removed meanwhile, never. */
async function lastWritten(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs
  } catch (error) {
    if (isMissing(error)) return Number.POSITIVE_INFINITY
    throw error
  }
}

/**
 * Everything that pinned snapshots have and their parents have not. The parents are the user's own commits, whose objects were
 * never written here, so nobody has to walk the whole history.
 */
async function objectsOfPins(mirror: string): Promise<ReadonlySet<string>> {
  const repository = openRepository(mirror)
  const revisions: string[] = []
  try {
    for (const sha of await pins(mirror)) revisions.push(...(await newWith(repository, sha)))
  } finally {
    repository.close()
  }
  if (revisions.length === 0) return new Set()
  // A commit that the user's repository has lost since is no reason to lose the others.
  const args = ['rev-list', '--objects', '--no-object-names', '--missing=allow-any', '--stdin']
  const listing = await gitOutput({
    place: { kind: 'repository', gitDir: mirror },
    args,
    input: `${revisions.join('\n')}\n`,
  })
  return new Set(listing.toString().split('\n'))
}

async function newWith(repository: GitRepository, sha: string): Promise<string[]> {
  const commit = await repository.commit(sha)
  if (!commit) return []
  const parents = await Promise.all(commit.parents.map((parent) => repository.commit(parent)))
  return [sha, ...parents.flatMap((parent) => (parent ? [`^${parent.sha}`] : []))]
}

async function pins(mirror: string): Promise<readonly string[]> {
  const folder = join(mirror, pinFolder)
  const names = await readdir(folder).catch((): string[] => [])
  return names.flatMap((name) => readText(join(folder, name))?.trim() ?? [])
}
