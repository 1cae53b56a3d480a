// The text forms of git objects, and nothing about where they come from.
import { TextDecoder } from 'node:util'
import type { Commit } from '../model/commit.ts'

/** Reads a commit object. The message is kept whole, with its last line feed, as GitLab keeps it. */
export function parseCommit(sha: string, bytes: Buffer): Commit {
  const { headers, message } = split(bytes)
  const author = person(headers.find(([key]) => key === 'author')?.[1] ?? '')
  const committer = person(headers.find(([key]) => key === 'committer')?.[1] ?? '')
  return {
    sha,
    parents: headers.flatMap(([key, value]) => (key === 'parent' ? [value] : [])),
    message,
    authorName: author.name,
    authorEmail: author.email,
    authoredAt: author.at,
    committerName: committer.name,
    committerEmail: committer.email,
    committedAt: committer.at,
  }
}

/** The text of an annotated tag. GitLab: without line feeds at the end; a signature stays in it. */
export function parseTagMessage(bytes: Buffer): string {
  return split(bytes).message.replace(/\n+$/, '')
}

/** One entry of a tree object. */
export interface TreeEntry {
  /** Octal, as git writes it: `100644`, `100755`, `120000` (symbolic link), `40000` (tree), `160000` (submodule). */
  readonly mode: string
  /** The id, as bytes. */
  readonly id: Buffer
}

/** An entry in its place. */
export interface TreeRow {
  /** latin1: one character for each byte. */
  readonly name: string
  readonly folder: boolean
  /** Where it begins in the tree's content, where its id does, and where it ends. */
  readonly start: number
  readonly idStart: number
  readonly end: number
}

/** Walks over a tree object. `idLength` is the length of an id in hexadecimal digits. */
export function* treeRows(tree: Buffer, idLength: number): Generator<TreeRow> {
  for (let start = 0; start < tree.length;) {
    const space = tree.indexOf(0x20, start)
    const idStart = tree.indexOf(0, space) + 1
    const end = idStart + idLength / 2
    if (space === -1 || idStart === 0 || end > tree.length) throw new Error('a tree object is damaged')
    // Of all modes only that of a folder, `40000`, begins with a 4.
    yield {
      name: tree.toString('latin1', space + 1, idStart - 1),
      folder: tree[start] === 0x34,
      start,
      idStart,
      end,
    }
    start = end
  }
}

/** Finds an entry by its name in latin1. */
export function findTreeEntry(tree: Buffer, name: string, idLength: number): TreeEntry | undefined {
  for (const row of treeRows(tree, idLength)) if (row.name === name) return entryOf(tree, row)
  return undefined
}

export function entryOf(tree: Buffer, row: TreeRow): TreeEntry {
  return {
    mode: tree.toString('latin1', row.start, tree.indexOf(0x20, row.start)),
    id: tree.subarray(row.idStart, row.end),
  }
}

/** Lines `key value` up to an empty line, then the message. A line that begins with a space continues a header (a signature). */
function split(bytes: Buffer): { headers: [key: string, value: string][]; message: string } {
  const blank = bytes.indexOf('\n\n')
  const head = blank === -1 ? bytes : bytes.subarray(0, blank)
  const lines = head
    .toString('latin1')
    .split('\n')
    .filter((line) => !line.startsWith(' '))
  const encoding = lines.find((line) => line.startsWith('encoding '))?.slice('encoding '.length)
  const decoder = decoderOf(encoding)
  const headers = lines.map((line): [string, string] => {
    const space = line.indexOf(' ')
    return [line.slice(0, space), decoder.decode(Buffer.from(line.slice(space + 1), 'latin1'))]
  })
  return { headers, message: blank === -1 ? '' : decoder.decode(bytes.subarray(blank + 2)) }
}

/** Commits say it when they are not UTF-8; what nobody can decode is shown as UTF-8 with replacement characters. */
function decoderOf(encoding: string | undefined): TextDecoder {
  try {
    return new TextDecoder(encoding ?? 'utf-8', { ignoreBOM: true })
  } catch {
    return new TextDecoder('utf-8', { ignoreBOM: true })
  }
}

function person(line: string): { name: string; email: string; at: string } {
  const [, name = '', email = '', seconds = '0', offset = '+0000'] =
    /^(.*?) ?<([^>]*)>(?: (-?\d+) ([+-]\d{4}))?/.exec(line) ?? []
  return { name, email, at: isoWithOffset(Number(seconds), offset) }
}

/** ISO 8601 in the writer's own offset: `2016-12-24T16:51:14+01:00`. */
function isoWithOffset(seconds: number, offset: string): string {
  const minutes =
    (offset.startsWith('-') ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3, 5)))
  const local = new Date((seconds + minutes * 60) * 1000)
  const text = Number.isNaN(local.getTime())
    ? '1970-01-01T00:00:00'
    : local.toISOString().replace(/\.\d+Z$/, '')
  return `${text}${offset.slice(0, 3)}:${offset.slice(3)}`
}
