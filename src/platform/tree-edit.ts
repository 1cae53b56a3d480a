// Git's tree objects with some paths changed: only the folders on the way to a change are read and made anew.
import { parseTree } from './git-objects.ts'
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
export async function editTree(editing: TreeEditing): Promise<{ readonly id: string; readonly made: readonly GitObject[] }> {
  const made: GitObject[] = []
  const root = await editFolder(editing, editing.base, editing.edits, made)
  if (root !== null) return { id: root, made }
  const empty = makeObject('tree', Buffer.alloc(0), editing.idLength)
  return { id: empty.id, made: [...made, empty] }
}

/** The id of the edited folder; null when nothing is left in it. */
async function editFolder(editing: TreeEditing, base: string | null, edits: readonly TreeEdit[], made: GitObject[]): Promise<string | null> {
  const entries = base === null ? new Map<string, TreeEntry>() : parseTree(await editing.read(base), editing.idLength)
  // All folders at once: the answers of one process come in a row, and waiting for each would cost more than giving it.
  const results = await Promise.all(
    Array.from(groupByName(edits), async ([name, group]) => ({ name, entry: await editEntry(editing, entries.get(name), group, made) })),
  )
  for (const { name, entry } of results) {
    if (entry) entries.set(name, entry)
    else entries.delete(name)
  }
  if (entries.size === 0) return null
  const tree = makeObject('tree', serialize(entries), editing.idLength)
  made.push(tree)
  return tree.id
}

/** What an entry becomes; null when it is to be gone. */
async function editEntry(editing: TreeEditing, before: TreeEntry | undefined, group: Group, made: GitObject[]): Promise<TreeEntry | null> {
  // A file takes the place of a folder, whatever was removed from that.
  if (group.here?.entry) return group.here.entry
  if (group.below.length === 0) return null
  const id = await editFolder(editing, before?.mode === folderMode ? before.id.toString('hex') : null, group.below, made)
  if (id !== null) return { mode: folderMode, id: Buffer.from(id, 'hex') }
  // Nothing below has come, so a file that was not mentioned stays.
  return before && before.mode !== folderMode && !group.here ? before : null
}

const folderMode = '40000'

/** What is to happen to an entry itself, and below it. */
interface Group {
  here: TreeEdit | undefined
  readonly below: TreeEdit[]
}

function groupByName(edits: readonly TreeEdit[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const edit of edits) {
    const slash = edit.path.indexOf('/')
    const name = slash === -1 ? edit.path : edit.path.slice(0, slash)
    let group = groups.get(name)
    if (!group) groups.set(name, (group = { here: undefined, below: [] }))
    if (slash === -1) group.here = edit
    else group.below.push({ ...edit, path: edit.path.slice(slash + 1) })
  }
  return groups
}

/** git orders entries by their bytes, a folder as if its name ended with a slash. */
function serialize(entries: ReadonlyMap<string, TreeEntry>): Buffer {
  const rows = Array.from(entries, ([name, entry]) => ({ name, entry, key: entry.mode === folderMode ? `${name}/` : name }))
  // latin1 strings compare as their bytes do.
  rows.sort((a, b) => (a.key < b.key ? -1 : 1))
  return Buffer.concat(rows.flatMap(({ name, entry }) => [Buffer.from(`${entry.mode} ${name}\0`, 'latin1'), entry.id]))
}
