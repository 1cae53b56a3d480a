import { readdirSync, readFileSync, statSync } from 'node:fs'
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

/**
 * A text that changes when a ref does: the times of the folders and files that git renames refs into. Costs a look at the
 * folders, no process. Undefined when the repository is not there.
 */
export function refsFingerprint(folder: string): string | undefined {
  try {
    const times: number[] = []
    for (const kind of ['heads', 'tags']) addFolders(join(folder, 'refs', kind), times)
    for (const file of ['packed-refs', 'reftable', 'reftable/tables.list'])
      times.push(timeOf(join(folder, file)))
    times.push(statSync(join(folder, 'HEAD')).mtimeMs)
    return times.join(' ')
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
