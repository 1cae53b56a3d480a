import { createHash } from 'node:crypto'
import type { GitRepository } from '../platform/git.ts'

/** One question that was put to a repository, and a digest of what it said. */
export interface RecordedCall {
  readonly method: Asked
  readonly args: readonly string[]
  readonly answer: string
}

const ASKED = [
  'resolveRef',
  'resolveRevision',
  'readFile',
  'commit',
  'refs',
  'treePaths',
  'changedPaths',
] as const
type Asked = (typeof ASKED)[number]

/** Stands in records for the commit that files are read from: it changes without the files that matter. */
const TREE = '\0tree'

export interface Recording {
  readonly repository: GitRepository
  /** In the order asked, each once. */
  calls(): readonly RecordedCall[]
}

/** A repository that notes what it is asked; equal questions are answered once. */
export function recorded(repository: GitRepository, treeSha: string): Recording {
  const asked = new Map<
    string,
    { readonly method: Asked; readonly args: readonly string[]; readonly reply: Promise<unknown> }
  >()
  const calls = new Map<string, string>()
  function ask<Reply>(method: Asked, args: readonly string[], read: () => Promise<Reply>): Promise<Reply> {
    const key = [method, ...args].join('\0')
    const known = asked.get(key)
    if (known !== undefined) return known.reply as Promise<Reply>
    const reply = read().then((answer) => {
      calls.set(key, digestOf(answer))
      return answer
    })
    asked.set(key, { method, args, reply })
    return reply
  }
  return {
    repository: {
      gitDir: repository.gitDir,
      close: () => repository.close(),
      resolveRef: (name) => ask('resolveRef', [name], () => repository.resolveRef(name)),
      resolveRevision: (revision) =>
        ask('resolveRevision', [revision], () => repository.resolveRevision(revision)),
      readFile: (sha, path) => ask('readFile', [sha, path], () => repository.readFile(sha, path)),
      commit: (sha) => ask('commit', [sha], () => repository.commit(sha)),
      refs: () => ask('refs', [], () => repository.refs()),
      treePaths: (sha) => ask('treePaths', [sha], () => repository.treePaths(sha)),
      changedPaths: (from, to) => ask('changedPaths', [from, to], () => repository.changedPaths(from, to)),
    },
    calls: () =>
      [...asked].flatMap(([key, { method, args }]) => {
        const answer = calls.get(key)
        return answer === undefined
          ? []
          : [{ method, args: args.map((arg) => (arg === treeSha ? TREE : arg)), answer }]
      }),
  }
}

/** Whether a repository still says to every question what it said then. */
export async function saysTheSame(
  repository: GitRepository,
  treeSha: string,
  calls: readonly RecordedCall[],
): Promise<boolean> {
  const answers = calls.map(async ({ method, args, answer }) => {
    const [first = '', second = ''] = args.map((arg) => (arg === TREE ? treeSha : arg))
    return digestOf(await askAgain(repository, method, first, second)) === answer
  })
  return (await Promise.all(answers)).every(Boolean)
}

function askAgain(repository: GitRepository, method: Asked, first: string, second: string): Promise<unknown> {
  switch (method) {
    case 'readFile':
      return repository.readFile(first, second)
    case 'changedPaths':
      return repository.changedPaths(first, second)
    case 'refs':
      return repository.refs()
    default:
      return repository[method](first)
  }
}

/** A file is told by its blob, and not read through for it. */
function digestOf(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'blobId' in answer) return String(answer.blobId)
  return createHash('sha256')
    .update(JSON.stringify(answer) ?? '')
    .digest('hex')
}

/** Whether a value out of a file is a list of such records. */
export function areCalls(value: unknown): value is readonly RecordedCall[] {
  return Array.isArray(value) && value.every(isCall)
}

function isCall(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (!('method' in value && 'args' in value && 'answer' in value)) return false
  return (
    ASKED.some((name) => name === value.method) &&
    Array.isArray(value.args) &&
    typeof value.answer === 'string'
  )
}
