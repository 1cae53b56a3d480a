import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve, sep } from 'node:path'

/** Where the refs of a git directory are: its own folder, or for a linked worktree the one that all share. */
export function refsFolder(gitDir: string): string {
  try {
    return resolve(gitDir, readFileSync(join(gitDir, 'commondir'), 'utf8').trim())
  } catch {
    return gitDir
  }
}

/** Folders of a git directory that hold refs, in either of git's formats. */
const REF_FOLDERS = ['refs', 'reftable']
const HOOK_FOLDER = 'sluice'

/** Whether a path tells something about refs; git writes much else beside them. */
export function concernsRefs(folder: string, path: string): boolean {
  const [first = ''] = path.slice(folder.length + 1).split(sep)
  if (basename(path).endsWith('.lock')) return false
  // The receive hook of `sluice hook install` touches it when all refs of a push have moved.
  if (first === HOOK_FOLDER) return basename(path) === 'pushed'
  return REF_FOLDERS.includes(first) || first === 'packed-refs' || first === 'HEAD'
}

/** Whether a folder is one to be told about. */
export function isRefFolder(folder: string, path: string): boolean {
  if (path === folder) return true
  const [first = '', second] = path.slice(folder.length + 1).split(sep)
  // Remote branches move with every fetch, and are nobody's push.
  if (first === HOOK_FOLDER) return second === undefined
  return REF_FOLDERS.includes(first) && !(first === 'refs' && second === 'remotes')
}

/** What the folders of the refs look like; two that are equal mean that no ref has moved in between. */
export interface RefsMark {
  readonly text: string
  /** When the youngest of them was written, in ms since the epoch. */
  readonly newest: number
}

/**
 * Changes when a ref does: the times of the folders and files that git renames refs into, and which folder it is. Costs a look at
 * the folders, no process. Undefined when the repository is not there.
 */
export function refsMark(folder: string): RefsMark | undefined {
  try {
    const times: number[] = []
    for (const kind of ['heads', 'tags']) addFolders(join(folder, 'refs', kind), times)
    for (const file of ['packed-refs', 'reftable', 'reftable/tables.list'])
      times.push(timeOf(join(folder, file)))
    times.push(statSync(join(folder, 'HEAD')).mtimeMs)
    return { text: `${folderIdentity(folder)} ${times.join(' ')}`, newest: Math.max(...times) }
  } catch {
    return undefined
  }
}

/** Which folder lies at a path: another one after it was replaced. Undefined when none does, or nobody may look. */
export function folderIdentity(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/**
 * What makes a folder a repository with these refs. Git rewrites these, but takes none of them away while the repository
 * lives.
 */
const PARTS = ['HEAD', 'config', 'objects', 'refs', 'refs/heads', 'packed-refs', 'reftable/tables.list']

/** Those parts of a repository that are there; one that is being removed, or copied, lacks some of them. */
export function partsOf(folder: string): string[] {
  return PARTS.filter((part) => existsSync(join(folder, part)))
}

/** Whether the refs are in the format that has no file for each. */
export function isReftable(folder: string): boolean {
  return existsSync(join(folder, 'reftable/tables.list'))
}

/** What stands in the file that a ref, by its full name, has of its own; undefined when it has none. */
export function looseText(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), 'utf8')
  } catch {
    return undefined
  }
}

function addFolders(folder: string, times: number[]): void {
  times.push(timeOf(folder))
  let entries
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch {
    return
  }
  for (const entry of entries) if (entry.isDirectory()) addFolders(join(folder, entry.name), times)
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
