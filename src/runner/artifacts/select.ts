import { posix } from 'node:path'
import {
  globDoublestar,
  hasMeta,
  matchDoublestar,
  splitPattern,
  unescapeMeta,
} from '../../shared/doublestar.ts'
import { entryAt, walkBelow, type TreeEntry } from './walk.ts'

export interface Selection {
  /** By path, without special files. */
  readonly entries: readonly TreeEntry[]
  /** gitlab-runner's lines, in its order. */
  readonly messages: readonly SelectionMessage[]
}

export interface SelectionMessage {
  readonly severity: 'info' | 'warning'
  readonly text: string
}

export interface SelectionWish {
  /** The workspace on this machine, and by the name that patterns use. */
  readonly root: string
  readonly projectDir: string
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  /** Paths of `git ls-files -o`; null: not asked for. */
  readonly untracked: readonly string[] | null
}

/** Finds what `artifacts:paths`, `exclude` and `untracked` name. Nothing outside the workspace, nothing through a link. */
export async function selectArtifacts(wish: SelectionWish): Promise<Selection> {
  const chosen = new Map<string, TreeEntry>()
  const excluded = new Map<string, number>()
  const messages: SelectionMessage[] = []
  const info = (text: string) => void messages.push({ severity: 'info', text })
  const warn = (text: string) => void messages.push({ severity: 'warning', text })

  function add(entry: TreeEntry): boolean {
    const rule = wish.exclude.find((pattern) => matchDoublestar(pattern, entry.path))
    if (rule !== undefined) excluded.set(rule, (excluded.get(rule) ?? 0) + 1)
    else if (entry.kind === 'special') warn(`File ignored: ${entry.path}`)
    else chosen.set(entry.path, entry)
    return rule === undefined && entry.kind !== 'special'
  }

  for (const path of wish.paths) {
    const pattern = insideProject(path, wish.projectDir)
    if (pattern === undefined) {
      warn(`artifact path is not a subpath of project directory: ${path}`)
      continue
    }
    let found = 0
    for await (const entry of matching(wish.root, pattern)) if (add(entry)) found++
    if (found > 0) info(`${path}: found ${found} matching artifact files and directories`)
    else
      warn(
        `${path}: no matching files. Ensure that the artifact path is relative to the working directory (${wish.projectDir})`,
      )
  }
  if (wish.untracked) {
    let found = 0
    for (const path of wish.untracked)
      for await (const entry of withContent(wish.root, path.replace(/\/$/, ''))) if (add(entry)) found++
    if (found > 0) info(`untracked: found ${found} files`)
    else warn('untracked: no files')
  }
  for (const [pattern, count] of excluded) info(`${pattern}: excluded ${count} files`)
  if ([...chosen.keys()].some((path) => path === '.git' || path.startsWith('.git/'))) {
    warn('Part of .git directory is on the list of files to archive')
    warn('This may introduce unexpected problems')
  }
  return { entries: [...chosen.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)), messages }
}

/** The pattern relative to the project; undefined when it leads out. */
function insideProject(path: string, projectDir: string): string | undefined {
  const absolute = path.startsWith('/')
  const relative = absolute ? posix.relative(projectDir, posix.normalize(path)) : posix.normalize(path)
  const clean = relative.replace(/\/$/, '')
  return clean === '..' || clean.startsWith('../') ? undefined : clean === '.' ? '' : clean
}

/** Each match, and everything below one that is a folder. */
async function* matching(root: string, pattern: string): AsyncGenerator<TreeEntry> {
  if (!hasMeta(pattern)) {
    yield* withContent(root, unescapeMeta(pattern))
    return
  }
  const base = splitPattern(pattern).base.replace(/^\.$/, '')
  // `a/**` is `a` too.
  if (base !== '' && globDoublestar(pattern, base)) {
    yield* withContent(root, base)
    return
  }
  if (base !== '' && entryAt(root, base)?.kind !== 'folder') return
  // `*` never crosses a slash, so without `**` and braces the pattern says how deep to look.
  const deepest = /\*\*|[{\\]/.test(pattern)
    ? Infinity
    : pattern.split('/').length - (base === '' ? 0 : base.split('/').length)
  const inside = new Set<string>()
  for await (const entry of walkBelow(root, base, deepest)) {
    const parent = entry.path.slice(0, Math.max(0, entry.path.lastIndexOf('/')))
    const below = inside.has(parent)
    if (!below && !globDoublestar(pattern, entry.path)) continue
    if (entry.kind === 'folder') inside.add(entry.path)
    yield entry
    if (entry.kind === 'folder' && depthOf(entry.path) - depthOf(base) >= deepest)
      yield* walkBelow(root, entry.path)
  }
}

async function* withContent(root: string, path: string): AsyncGenerator<TreeEntry> {
  const entry = path === '' ? undefined : entryAt(root, path)
  if (entry) yield entry
  if (path === '' || entry?.kind === 'folder') yield* walkBelow(root, path)
}

function depthOf(path: string): number {
  return path === '' ? 0 : path.split('/').length
}
