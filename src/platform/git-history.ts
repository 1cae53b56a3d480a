// Reading a repository's history: lists of commits, what they changed, which refs hold them. Nothing here writes.
import { gitOutput, runGit, type GitPlace } from './git-command.ts'

/** Which commits, newest first. */
export interface HistoryQuery {
  /** A commit's full sha; null: all branches and tags. */
  readonly from: string | null
  readonly path?: string | undefined
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  readonly author?: string | undefined
  readonly firstParent?: boolean
  readonly limit: number
  readonly offset: number
}

export interface CommitStats {
  readonly additions: number
  readonly deletions: number
  readonly total: number
}

export interface FileDiff {
  readonly oldPath: string
  readonly newPath: string
  /** `100644`; `0` where the file is not. */
  readonly oldMode: string
  readonly newMode: string
  readonly kind: 'added' | 'deleted' | 'renamed' | 'changed'
  /** From the first `@@` on; empty for a binary file. */
  readonly text: string
}

/** Bytes of one answer of git; more is an error and not a full memory. */
const MOST_OUTPUT = 64 * 1024 * 1024

/** Shas of commits. */
export async function listCommits(gitDir: string, query: HistoryQuery): Promise<readonly string[]> {
  const args = [
    'rev-list',
    `--max-count=${query.limit}`,
    `--skip=${query.offset}`,
    ...(query.since === undefined ? [] : [`--since=${isoSeconds(query.since)}`]),
    ...(query.until === undefined ? [] : [`--until=${isoSeconds(query.until)}`]),
    ...(query.author === undefined ? [] : [`--author=${query.author}`, '--fixed-strings']),
    ...(query.firstParent === true ? ['--first-parent'] : []),
    ...(query.from === null ? ['--branches', '--tags'] : [checkSha(query.from)]),
    '--',
    ...(query.path === undefined ? [] : [`:(literal)${query.path}`]),
  ]
  return lines(await gitOutput({ place: at(gitDir), args, maxOutput: MOST_OUTPUT }))
}

/** Lines added and taken away against the first parent. */
export async function commitStats(gitDir: string, sha: string): Promise<CommitStats> {
  const args = [
    'diff-tree',
    '--root',
    '-m',
    '--first-parent',
    '-r',
    '--numstat',
    '--no-commit-id',
    checkSha(sha),
  ]
  const rows = lines(await gitOutput({ place: at(gitDir), args, maxOutput: MOST_OUTPUT }))
  const sum = (column: number): number =>
    rows.reduce((total, row) => total + (Number(row.split('\t')[column]) || 0), 0)
  const additions = sum(0)
  const deletions = sum(1)
  return { additions, deletions, total: additions + deletions }
}

/** What a commit changed against its first parent, renames found. */
export async function commitDiff(gitDir: string, sha: string): Promise<readonly FileDiff[]> {
  const args = [
    'diff-tree',
    '--root',
    '-m',
    '--first-parent',
    '-r',
    '-M',
    '-p',
    '--full-index',
    '--no-commit-id',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    checkSha(sha),
  ]
  const place = at(gitDir)
  const [patch, raw] = await Promise.all([
    gitOutput({ place, args, maxOutput: MOST_OUTPUT }),
    gitOutput({
      place,
      args: [
        'diff-tree',
        '--root',
        '-m',
        '--first-parent',
        '-r',
        '-M',
        '-z',
        '--raw',
        '--no-commit-id',
        checkSha(sha),
      ],
      maxOutput: MOST_OUTPUT,
    }),
  ])
  const patches = patch
    .toString()
    .split(/^(?=diff --git )/m)
    .filter((each) => each.startsWith('diff --git '))
  return parseRaw(raw.toString()).map((file, index) => ({ ...file, text: hunksOf(patches[index] ?? '') }))
}

/** Short names of the branches, or tags, that lead to a commit. */
export async function refsContaining(
  gitDir: string,
  sha: string,
  kind: 'heads' | 'tags',
): Promise<readonly string[]> {
  const prefix = `refs/${kind}/`
  const listed = await runGit({
    place: at(gitDir),
    args: ['for-each-ref', `--contains=${checkSha(sha)}`, '--format=%(refname)', prefix],
  })
  return listed.ok ? lines(listed.value).map((name) => name.slice(prefix.length)) : []
}

/** Names of the branches whose tips another commit already has. */
export async function mergedBranches(gitDir: string, into: string): Promise<ReadonlySet<string>> {
  const listed = await runGit({
    place: at(gitDir),
    args: ['for-each-ref', `--merged=${checkSha(into)}`, '--format=%(refname)', 'refs/heads/'],
  })
  return new Set(listed.ok ? lines(listed.value).map((name) => name.slice('refs/heads/'.length)) : [])
}

/** When each ref was last moved forward, as its commit or tag says: seconds since the epoch, by full name. */
export async function refDates(gitDir: string): Promise<ReadonlyMap<string, RefDate>> {
  const listed = await gitOutput({
    place: at(gitDir),
    args: [
      'for-each-ref',
      '--format=%(creatordate:unix) %(objectname) %(objecttype) %(refname)',
      'refs/heads/',
      'refs/tags/',
    ],
  })
  return new Map(
    lines(listed).map((row) => {
      const [date = '0', id = '', type = '', name = ''] = row.split(' ', 4)
      return [name, { at: Number(date) * 1000, objectId: id, annotated: type === 'tag' }] as const
    }),
  )
}

export interface RefDate {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of an annotated tag the tag itself, not its commit. */
  readonly objectId: string
  readonly annotated: boolean
}

function at(gitDir: string): GitPlace {
  return { kind: 'repository', gitDir }
}

function lines(output: Buffer): string[] {
  return output
    .toString()
    .split('\n')
    .filter((line) => line !== '')
}

function parseRaw(raw: string): Omit<FileDiff, 'text'>[] {
  const words = raw.split('\0')
  const files: Omit<FileDiff, 'text'>[] = []
  for (let index = 0; index < words.length;) {
    const [, oldMode = '0', newMode = '0', letter = ''] =
      /^:(\d+) (\d+) [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*$/.exec(words[index] ?? '') ?? []
    if (letter === '') break
    const moved = letter === 'R' || letter === 'C'
    const oldPath = words[index + 1] ?? ''
    const newPath = moved ? (words[index + 2] ?? '') : oldPath
    files.push({
      oldPath,
      newPath,
      oldMode: modeOf(oldMode),
      newMode: modeOf(newMode),
      kind: KINDS[letter] ?? 'changed',
    })
    index += moved ? 3 : 2
  }
  return files
}

const KINDS: Readonly<Record<string, FileDiff['kind']>> = { A: 'added', D: 'deleted', R: 'renamed' }

/** GitLab writes `0` for a file that is not there. */
function modeOf(mode: string): string {
  return /^0+$/.test(mode) ? '0' : mode
}

function hunksOf(patch: string): string {
  const start = patch.search(/^@@ /m)
  return start === -1 ? '' : patch.slice(start)
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString()
}

function checkSha(text: string): string {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text))
    throw new Error(`Bug: ${JSON.stringify(text)} is not a full sha`)
  return text
}
