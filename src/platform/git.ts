// Reading a git repository: refs, files, commits. Nothing here writes.
import type { Commit } from '../model/commit.ts'
import { openCatFile } from './cat-file.ts'
import type { CatFile } from './cat-file.ts'
import { gitOutput, runGit } from './git-command.ts'
import type { GitPlace } from './git-command.ts'
import { findTreeEntry, parseCommit, parseTagMessage } from './git-objects.ts'
import type { TreeEntry } from './git-objects.ts'
import { hasControlCharacter, isShortRefName } from './ref-name.ts'

export interface ResolvedRef {
  /** Short name: `main`, not `refs/heads/main`. */
  readonly name: string
  readonly tag: boolean
  /** The commit, also for an annotated tag. */
  readonly sha: string
  /** The annotation; null for a branch and for a lightweight tag. */
  readonly tagMessage: string | null
}

export interface RefTip {
  readonly name: string
  readonly tag: boolean
  readonly sha: string
}

export interface FileAtCommit {
  readonly blobId: string
  /** Of a file over the limit only its beginning: exactly so many bytes as the limit. */
  readonly bytes: Buffer
}

/** All functions reject only when the repository itself cannot be read (gone, damaged, git not installed). */
export interface GitRepository {
  readonly gitDir: string
  /**
   * GitLab: `refs/heads/...` and `refs/tags/...` must exist exactly; otherwise a name of both a branch and a tag is
   * ambiguous, then branch, then tag. Never HEAD, a sha or another revision.
   */
  resolveRef(name: string): Promise<ResolvedRef | 'not_found' | 'ambiguous'>
  /** Any revision that a person may write (`main~2`, `HEAD`, a short sha) to a commit's sha. */
  resolveRevision(revision: string): Promise<string | undefined>
  /**
   * A regular file as it is in a commit or tree; undefined for a symbolic link, a folder, a submodule, and a path that
   * leaves the root.
   */
  readFile(sha: string, path: string): Promise<FileAtCommit | undefined>
  commit(sha: string): Promise<Commit | undefined>
  /**
   * Branches and tags with the commits they lead to, by full name; tags of anything else are left out. `damaged` is told the full
   * names of those whose commit is not there or cannot be read: they are left out, too.
   */
  refs(damaged?: (name: string) => void): Promise<readonly RefTip[]>
  /** Paths of all files of a commit or tree, submodules included. */
  treePaths(sha: string): Promise<readonly string[]>
  /** Paths that differ between two commits or trees; a rename counts as both names. Rejects when one of them is not there. */
  changedPaths(from: string, to: string): Promise<readonly string[]>
  /** Ends the process behind it. A later call starts it again. */
  close(): void
}

/** Beyond any sensible CI file and beyond the limits that its readers have, so that those give their own message. */
const defaultFileLimit = 8 * 1024 * 1024

/** Trees of some 100,000 entries in one folder. */
const treeLimit = 64 * 1024 * 1024

/**
 * Opens the repository in a git directory (bare, `.git`, or that of a linked work tree). Nothing is read before the
 * first call.
 */
export function openRepository(gitDir: string, options: { readonly fileLimit?: number } = {}): GitRepository {
  const objects = openCatFile(gitDir)
  const place: GitPlace = { kind: 'repository', gitDir }
  const commits = new Map<string, string | null>()
  return {
    gitDir,
    resolveRef: (name) => resolveRef(objects, place, name),
    resolveRevision: (revision) => resolveRevision(objects, revision),
    readFile: (sha, path) =>
      readFile(objects, place, { sha, path, limit: options.fileLimit ?? defaultFileLimit }),
    commit: (sha) => readCommit(objects, sha),
    refs: (damaged) => listRefs(objects, place, commits, damaged),
    treePaths: async (sha) =>
      splitPaths(
        await gitOutput({
          place,
          args: ['ls-tree', '-r', '-z', '--name-only', '--full-tree', checkSha(sha)],
        }),
      ),
    changedPaths: (from, to) => changedPaths(place, from, to),
    close: () => objects.close(),
  }
}

async function resolveRef(
  objects: CatFile,
  place: GitPlace,
  name: string,
): Promise<ResolvedRef | 'not_found' | 'ambiguous'> {
  const full = /^refs\/(heads|tags)\/(.*)$/s.exec(name)
  const short = full?.[2] ?? name
  if (!isShortRefName(short)) return 'not_found'
  const [branch, tag] = await Promise.all([
    full?.[1] === 'tags' ? undefined : exactCommit(objects, place, `refs/heads/${short}`),
    full?.[1] === 'heads' ? undefined : exactCommit(objects, place, `refs/tags/${short}`),
  ])
  if (branch !== undefined && tag !== undefined) return 'ambiguous'
  if (branch !== undefined) return { name: short, tag: false, sha: branch, tagMessage: null }
  if (tag === undefined) return 'not_found'
  return { name: short, tag: true, sha: tag, tagMessage: await tagMessage(objects, short) }
}

/** The commit that exactly this ref leads to. */
async function exactCommit(objects: CatFile, place: GitPlace, ref: string): Promise<string | undefined> {
  const commit = await objects.info(`${ref}^{commit}`)
  if (commit === undefined) return undefined
  return (await isExact(objects, place, ref)) ? commit.id : undefined
}

/**
 * Whether git found `ref` itself. Its own look-up would also take `refs/heads/main` for `refs/heads/refs/heads/main`
 * (gitrevisions(7)) and `refs/heads/x-g1a2b3c4` for the commit 1a2b3c4, as output of git-describe.
 */
async function isExact(objects: CatFile, place: GitPlace, ref: string): Promise<boolean> {
  const shadows = [
    `refs/${ref}`,
    `refs/tags/${ref}`,
    `refs/heads/${ref}`,
    `refs/remotes/${ref}`,
    `refs/remotes/${ref}/HEAD`,
  ]
  const found = await Promise.all(shadows.map((shadow) => objects.info(shadow)))
  const doubtful = /-g[0-9a-f]{4,}$/i.test(ref) || found.some((it) => it !== undefined)
  return !doubtful || (await runGit({ place, args: ['show-ref', '--verify', '--quiet', ref] })).ok
}

async function tagMessage(objects: CatFile, tag: string): Promise<string | null> {
  const facts = await objects.info(`refs/tags/${tag}`)
  if (facts?.type !== 'tag') return null
  const { bytes } = (await objects.contents(facts.id, defaultFileLimit)) ?? { bytes: null }
  return bytes && parseTagMessage(bytes)
}

async function resolveRevision(objects: CatFile, revision: string): Promise<string | undefined> {
  if (revision === '' || hasControlCharacter(revision)) return undefined
  const peeled = await objects.info(`${revision}^{commit}`)
  if (peeled) return peeled.id
  // `:/text` and `HEAD^{/text}` take all that follows for text.
  const plain = await objects.info(revision)
  return plain?.type === 'commit' ? plain.id : undefined
}

async function readFile(
  objects: CatFile,
  place: GitPlace,
  wanted: { readonly sha: string; readonly path: string; readonly limit: number },
): Promise<FileAtCommit | undefined> {
  const entry = await findFile(objects, checkSha(wanted.sha), wanted.path)
  if (entry === undefined || !entry.mode.startsWith('100')) return undefined
  const blobId = entry.id.toString('hex')
  const facts = await objects.info(blobId)
  if (facts === undefined) return undefined
  if (facts.size > wanted.limit) {
    const args = ['cat-file', 'blob', blobId]
    return { blobId, bytes: await gitOutput({ place, args, maxOutput: wanted.limit, truncate: true }) }
  }
  const blob = await objects.contents(blobId, wanted.limit)
  return blob?.bytes ? { blobId, bytes: blob.bytes } : undefined
}

/** Reads the folder's entry and not `sha:path`, whose answer does not say whether it is a file or a symbolic link. */
async function findFile(objects: CatFile, sha: string, path: string): Promise<TreeEntry | undefined> {
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined
  const name = parts.pop() ?? ''
  const folder = await objects.contents(
    parts.length === 0 ? `${sha}^{tree}` : `${sha}:${parts.join('/')}`,
    treeLimit,
  )
  if (folder?.type !== 'tree' || !folder.bytes) return undefined
  return findTreeEntry(folder.bytes, Buffer.from(name).toString('latin1'), folder.id.length)
}

async function readCommit(objects: CatFile, sha: string): Promise<Commit | undefined> {
  if (!isSha(sha)) return undefined
  const object = await objects.contents(sha, defaultFileLimit)
  return object?.type === 'commit' && object.bytes ? parseCommit(object.id, object.bytes) : undefined
}

/** `known` remembers which commit an object leads to, so that a repository whose refs stand still costs one process. */
async function listRefs(
  objects: CatFile,
  place: GitPlace,
  known: Map<string, string | null>,
  damaged: (name: string) => void = () => {},
): Promise<readonly RefTip[]> {
  if (known.size > 200_000) known.clear()
  // The first look takes everything from one process; what answers questions would stay for a minute, for hundreds of
  // repositories.
  const rows = (known.size === 0 ? await learnCommits(place, known) : undefined) ?? (await listNames(place))
  if (newIds(rows, known).length > MANY_REFS) await learnCommits(place, known)
  await Promise.all(
    newIds(rows, known).map(async (id) => {
      const commit = await commitBehind(objects, id)
      if (commit !== undefined) known.set(id, commit)
    }),
  )
  return rows.flatMap(({ id, name }) => {
    const [, kind, short] = /^refs\/(heads|tags)\/(.*)$/.exec(name) ?? []
    const sha = known.get(id)
    if (sha === undefined) damaged(name)
    return sha && short !== undefined ? [{ name: short, tag: kind === 'tags', sha }] : []
  })
}

/** Null when it leads to a tree or a file; undefined when it leads to nothing that can be read, which may yet come. */
async function commitBehind(objects: CatFile, id: string): Promise<string | null | undefined> {
  // A damaged object ends the process that reads it; the other refs have done nothing wrong.
  const found = await objects.info(`${id}^{}`).catch(() => undefined)
  if (found === undefined) return undefined
  return found.type === 'commit' ? found.id : null
}

/** So many answers of one process take longer than a second process. */
const MANY_REFS = 500

function newIds(rows: readonly { readonly id: string }[], known: ReadonlyMap<string, unknown>): string[] {
  return [...new Set(rows.map(({ id }) => id))].filter((id) => !known.has(id))
}

interface RefRow {
  readonly id: string
  readonly name: string
}

async function listNames(place: GitPlace): Promise<RefRow[]> {
  const format = '--format=%(objectname) %(refname)'
  const listing = await gitOutput({ place, args: ['for-each-ref', format, 'refs/heads', 'refs/tags'] })
  return fieldsOf(listing).map(([id = '', name = '']) => ({ id, name }))
}

/**
 * Remembers the objects that are commits, or tags of commits, in one process for all refs. Gives the refs when it came
 * to all of them.
 */
async function learnCommits(
  place: GitPlace,
  known: Map<string, string | null>,
): Promise<RefRow[] | undefined> {
  const format = '--format=%(objectname) %(objecttype) %(*objecttype) %(*objectname) %(refname)'
  const listing = await runGit({ place, args: ['for-each-ref', format, 'refs/heads', 'refs/tags'] })
  // It stops at the first object that is not there; what it did not come to is asked for one by one.
  const rows = fieldsOf(listing.ok ? listing.value : listing.error.stdout)
  for (const [id = '', type, peeledType, peeled = ''] of rows) {
    if (type === 'commit') known.set(id, id)
    else if (type === 'tag' && peeledType === 'commit') known.set(id, peeled)
  }
  return listing.ok ? rows.map(([id = '', , , , name = '']) => ({ id, name })) : undefined
}

/** No name of a ref has a space in it. */
function fieldsOf(listing: Buffer): string[][] {
  return listing
    .toString()
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => row.split(' '))
}

async function changedPaths(place: GitPlace, from: string, to: string): Promise<readonly string[]> {
  const args = [
    'diff-tree',
    '-r',
    '-z',
    '--name-only',
    '--no-renames',
    '--ignore-submodules=none',
    checkSha(from),
    checkSha(to),
    '--',
  ]
  return splitPaths(await gitOutput({ place, args }))
}

function splitPaths(output: Buffer): string[] {
  return output
    .toString()
    .split('\0')
    .filter((path) => path !== '')
}

function isSha(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

function checkSha(text: string): string {
  if (!isSha(text)) throw new Error(`Bug: ${JSON.stringify(text)} is not a full sha`)
  return text
}
