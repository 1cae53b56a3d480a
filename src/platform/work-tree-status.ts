/** Paths as latin1 strings: one character for each byte, because a file name need not be UTF-8. */
export type RawPath = string

/** The path for calls of the file system. */
export function onDisk(root: string, path: RawPath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')])
}

/** A tracked file, and the blob that the index has of it (of an unmerged one: our side's). */
export interface ChangedFile {
  readonly path: RawPath
  readonly indexId: string
}

/** What `git status --porcelain=v2 --branch -z --no-renames` says, sorted by what a snapshot has to do. */
export interface WorkTreeStatus {
  /** HEAD's commit; null when there is none yet. */
  readonly headSha: string | null
  /** Whether the index differs from HEAD. */
  readonly staged: boolean
  /** Tracked files whose content, mode or kind differs from the index, and submodules at another commit. */
  readonly changed: readonly ChangedFile[]
  /** Tracked files that are gone. */
  readonly deleted: readonly RawPath[]
  /** New files that no ignore rule names. */
  readonly untracked: readonly RawPath[]
  /** Untracked folders that are git repositories of their own, without the slash at the end. */
  readonly nested: readonly RawPath[]
  /** Submodules with changes that are not committed inside them. */
  readonly dirtySubmodules: readonly RawPath[]
}

/** git-status(1), "Porcelain Format Version 2". */
export function parseStatus(output: Buffer): WorkTreeStatus {
  const changed: ChangedFile[] = []
  const deleted: RawPath[] = []
  const untracked: RawPath[] = []
  const nested: RawPath[] = []
  const dirtySubmodules: RawPath[] = []
  let headSha: string | null = null
  let staged = false
  for (const entry of output.toString('latin1').split('\0')) {
    const path = afterField(entry, fieldsBeforePath[entry.charAt(0)] ?? 0)
    if (entry.startsWith('? ')) (path.endsWith('/') ? nested : untracked).push(path.replace(/\/$/, ''))
    else if (entry.startsWith('1 ')) {
      if (entry.charAt(2) !== '.') staged = true
      const submodule = entry.slice(5, 9)
      if (submodule.startsWith('S') && /[MU]/.test(submodule)) dirtySubmodules.push(path)
      const change = entry.charAt(3)
      if (change === 'D') deleted.push(path)
      else if (change !== '.' && (!submodule.startsWith('S') || submodule.charAt(1) === 'C'))
        changed.push({ path, indexId: field(entry, 7) })
    } else if (entry.startsWith('u ')) {
      staged = true
      changed.push({ path, indexId: field(entry, 8) })
    } else if (entry.startsWith('# branch.oid ')) {
      const oid = entry.slice('# branch.oid '.length)
      headSha = oid === '(initial)' ? null : oid
    }
  }
  return { headSha, staged, changed, deleted, untracked, nested, dirtySubmodules }
}

/** Fields, each followed by one space, that stand before the path. */
const fieldsBeforePath: Readonly<Record<string, number>> = { '1': 8, u: 10, '?': 1 }

/** One of the fields between single spaces, counted from 0. */
function field(entry: string, index: number): string {
  return entry.split(' ', index + 1)[index] ?? ''
}

function afterField(entry: string, count: number): string {
  let at = 0
  for (let passed = 0; passed < count; passed++) at = entry.indexOf(' ', at) + 1
  return entry.slice(at)
}
