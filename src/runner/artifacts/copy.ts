import { constants, lstatSync, type Stats } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readlink, rm, symlink, utimes, lutimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { TreeEntry } from './walk.ts'

/** So many files at a time: enough to keep the disk busy, few enough to leave the pool's threads to others. */
const AT_ONCE = 8

export interface Copied {
  readonly files: number
  readonly bytes: number
}

/**
 * Copies entries from one tree into another, keeping modes, times and links. What is in the way is replaced; nothing is ever
 * written through a link, also none that an earlier entry made. A file that has meanwhile gone is left out. Rejects with the
 * file system's error.
 */
export async function copyEntries(from: string, to: string, entries: readonly TreeEntry[]): Promise<Copied> {
  const folders = new Map<string, Stats | undefined>()
  let files = 0
  let bytes = 0

  async function ensureFolder(path: string): Promise<void> {
    if (path === '.' || folders.has(path)) return
    await ensureFolder(dirname(path))
    const target = join(to, path)
    const there = lstatSync(target, { throwIfNoEntry: false })
    if (there && !there.isDirectory()) await rm(target, { force: true })
    if (!there?.isDirectory()) await mkdir(target)
    else if ((there.mode & 0o700) !== 0o700) await chmod(target, (there.mode & 0o7777) | 0o700)
    folders.set(path, undefined)
  }

  async function copyOne({ path, kind }: TreeEntry, stat: Stats): Promise<void> {
    const source = join(from, path)
    const target = join(to, path)
    await rm(target, { recursive: true, force: true })
    if (kind === 'link') {
      await symlink(await readlink(source), target)
      await lutimes(target, stat.atime, stat.mtime)
    } else {
      await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
      await chmod(target, stat.mode & 0o777)
      await utimes(target, stat.atime, stat.mtime)
      bytes += stat.size
    }
    files++
  }

  const content: { entry: TreeEntry; stat: Stats }[] = []
  for (const entry of entries) {
    const stat = await lstat(join(from, entry.path)).catch(() => undefined)
    if (!stat) continue
    await ensureFolder(entry.kind === 'folder' ? entry.path : dirname(entry.path))
    if (entry.kind === 'folder') folders.set(entry.path, stat)
    else content.push({ entry, stat })
  }
  await inParallel(content, ({ entry, stat }) => copyOne(entry, stat))
  // Children before parents, as filling a folder changes its time. Its owner must stay able to delete it.
  for (const [path, stat] of [...folders].toReversed()) {
    if (!stat) continue
    await chmod(join(to, path), (stat.mode & 0o777) | 0o700)
    await utimes(join(to, path), stat.atime, stat.mtime)
  }
  return { files, bytes }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
}
