// Git's tree objects with some paths changed: only the folders on the way to a change are read and made anew.
import { entryOf, treeRows } from './git-objects.ts'
import type { TreeEntry } from './git-objects.ts'
import { makeObject } from './loose-object.ts'
import type { GitObject } from './loose-object.ts'
import type { RawPath } from './work-tree-status.ts'

/** What a path is to be; `entry` is null when it is to be gone. */
export interface TreeEdit {
  readonly path: RawPath
  readonly entry: TreeEntry | null
}

export interface TreeEditing {
  /** The tree to begin with; null for an empty one. */
  readonly base: string | null
  /** At most one for a path. */
  readonly edits: readonly TreeEdit[]
  readonly idLength: number
  /** Content of an existing tree. */
  read(id: string): Promise<Buffer>
}

/** Gives the root tree after the edits, and every tree that was made for it, folders before those that hold them. */
export async function editTree(
  editing: TreeEditing,
): Promise<{ readonly id: string; readonly made: readonly GitObject[] }> {
  const made: GitObject[] = []
  const root = await editFolder(editing, editing.base, editing.edits, made)
  if (root !== null) return { id: root, made }
  const empty = makeObject('tree', Buffer.alloc(0), editing.idLength)
  return { id: empty.id, made: [...made, empty] }
}

/** The id of the edited folder; null when nothing is left in it. */
async function editFolder(
  editing: TreeEditing,
  base: string | null,
  edits: readonly TreeEdit[],
  made: GitObject[],
): Promise<string | null> {
  const before = base === null ? Buffer.alloc(0) : await editing.read(base)
  const groups = groupByName(edits)
  for (const row of treeRows(before, editing.idLength)) {
    const group = groups.get(row.name)
    if (group) group.before = entryOf(before, row)
  }
  // All folders at once: the answers of one process come in a row, and waiting for each would cost more than giving it.
  const changed = await Promise.all(
    Array.from(groups, async ([name, group]) => ({ name, entry: await editEntry(editing, group, made) })),
  )
  const content = merge(before, editing.idLength, changed)
  if (content.length === 0) return null
  const tree = makeObject('tree', content, editing.idLength)
  made.push(tree)
  return tree.id
}

/** What an entry becomes; null when it is to be gone. */
async function editEntry(editing: TreeEditing, group: Group, made: GitObject[]): Promise<TreeEntry | null> {
  const { here, below, before } = group
  // A file takes the place of a folder, whatever was removed from that.
  if (here?.entry) return here.entry
  if (below.length === 0) return null
  const folder = before?.mode === folderMode ? before.id.toString('hex') : null
  const id = await editFolder(editing, folder, below, made)
  if (id !== null) return { mode: folderMode, id: Buffer.from(id, 'hex') }
  // Nothing below has come, so a file that was not mentioned stays.
  return before && before.mode !== folderMode && !here ? before : null
}

const folderMode = '40000'

/** What is to happen to an entry itself, and below it. */
interface Group {
  before: TreeEntry | undefined
  here: TreeEdit | undefined
  readonly below: TreeEdit[]
}

function groupByName(edits: readonly TreeEdit[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const edit of edits) {
    const slash = edit.path.indexOf('/')
    const name = slash === -1 ? edit.path : edit.path.slice(0, slash)
    let group = groups.get(name)
    if (!group) groups.set(name, (group = { before: undefined, here: undefined, below: [] }))
    if (slash === -1) group.here = edit
    else group.below.push({ ...edit, path: edit.path.slice(slash + 1) })
  }
  return groups
}

interface Change {
  readonly name: string
  readonly entry: TreeEntry | null
}

/** Takes what has changed out of a tree's content and puts in what is new, copying all between as it is. */
function merge(before: Buffer, idLength: number, changed: readonly Change[]): Buffer {
  const names = new Set(changed.map(({ name }) => name))
  const added = changed
    .flatMap(({ name, entry }) =>
      entry ? [{ key: orderKey(name, entry.mode === folderMode), name, entry }] : [],
    )
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const pieces: Buffer[] = []
  let copied = 0
  let next = 0
  const copyUpTo = (end: number): void => {
    if (end > copied) pieces.push(before.subarray(copied, end))
    copied = end
  }
  const addBefore = (key: string | undefined): void => {
    for (let item = added[next]; item && (key === undefined || item.key < key); item = added[++next]) {
      pieces.push(Buffer.from(`${item.entry.mode} ${item.name}\0`, 'latin1'), item.entry.id)
    }
  }
  for (const row of treeRows(before, idLength)) {
    const key = orderKey(row.name, row.folder)
    if (names.has(row.name)) {
      copyUpTo(row.start)
      copied = row.end
    } else if (next < added.length && (added[next]?.key ?? '') < key) {
      copyUpTo(row.start)
      addBefore(key)
    }
  }
  copyUpTo(before.length)
  addBefore(undefined)
  return Buffer.concat(pieces)
}

/** git orders entries by their bytes, a folder as if its name ended with a slash; latin1 strings compare as bytes do. */
function orderKey(name: string, folder: boolean): string {
  return folder ? `${name}/` : name
}
