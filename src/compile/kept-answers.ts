import type { Sources } from '../shared/diagnostic.ts'
import type { GitRepository } from '../platform/git.ts'
import type { TextStore } from '../platform/text-store.ts'
import type { CompileRequest } from './compile.ts'
import { areCalls, recorded, type RecordedCall, saysTheSame } from './recorded-repository.ts'

/** Bytes of a CI file from which on looking for a kept answer is cheaper than working it out again. */
const SMALLEST_FILE = 64 * 1024
/** Asking more than this again costs what a kept answer saves. */
const MOST_CALLS = 500

/** What a command makes of a CI file, as JSON can hold it. */
export interface Answer<Value> {
  readonly value: Value
  /** The files it was made from; null: it is not to be kept. */
  readonly sources: Sources | null
}

export interface Question {
  /** Which command asks, with its options as far as they change the answer, and which build of Sluice. */
  readonly about: readonly string[]
  readonly request: CompileRequest
}

/**
 * The answer to a question about a large CI file, from the store when neither the question nor anything that the
 * repository was asked for it has changed: root file, included files, changed paths, refs. Files from outside the
 * repository are not watched, so an answer that needed one is not kept.
 */
export async function keptAnswer<Value>(
  store: TextStore,
  { about, request }: Question,
  find: (request: CompileRequest) => Promise<Answer<Value>>,
): Promise<Value> {
  const { treeSha, configPath } = request
  const file = await request.repository.readFile(treeSha, configPath)
  const first = withFirstFile(request, file)
  if (file === undefined || file.bytes.length < SMALLEST_FILE) return (await find(first)).value
  const key = keyOf(about, first, file.blobId)
  const known = await lookUp(store, key, first)
  // Its own seal says that the text is the one we wrote, for the same command and build.
  if (known !== undefined) return known.value as Value
  const { repository, calls } = recorded(first.repository, treeSha)
  let outside = false
  const { value, sources } = await find({ ...first, repository, onOutside: () => (outside = true) })
  const asked = calls()
  if (sources !== null && !outside && asked.length <= MOST_CALLS && !looksAtItself(sources, key)) {
    store.put(key, JSON.stringify({ calls: asked, value }))
  }
  return value
}

/** The first file is read before anything else is known, and need not be read twice. */
function withFirstFile(
  request: CompileRequest,
  file: Awaited<ReturnType<GitRepository['readFile']>>,
): CompileRequest {
  const { repository, treeSha, configPath } = request
  const readFile: GitRepository['readFile'] = (sha, path) =>
    sha === treeSha && path === configPath ? Promise.resolve(file) : repository.readFile(sha, path)
  return { ...request, repository: { ...repository, readFile } }
}

/** Everything a request says, but the time, the number and what only names the files: those are told apart by what they hold. */
function keyOf(about: readonly string[], request: CompileRequest, blobId: string): string {
  const {
    repository: _repository,
    treeSha: _tree,
    createdAt: _now,
    pipelineIid: _iid,
    includes: _includes,
    project,
    ...rest
  } = request
  return JSON.stringify({ about, blobId, ...rest, project: { ...project, createdAt: 0 } })
}

/** What differs between two equal requests is when they were made, and their number. */
function looksAtItself(sources: Sources, key: string): boolean {
  return [key, ...sources.values()].some(
    (text) => text.includes('CREATED_AT') || text.includes('PIPELINE_IID'),
  )
}

async function lookUp(
  store: TextStore,
  key: string,
  { repository, treeSha }: CompileRequest,
): Promise<{ readonly value: unknown } | undefined> {
  const text = store.get(key)
  const entry = text === undefined ? undefined : parsed(text)
  return entry && (await saysTheSame(repository, treeSha, entry.calls)) ? entry : undefined
}

function parsed(
  text: string,
): { readonly calls: readonly RecordedCall[]; readonly value: unknown } | undefined {
  try {
    const entry: unknown = JSON.parse(text)
    if (typeof entry !== 'object' || entry === null || !('calls' in entry && 'value' in entry))
      return undefined
    return areCalls(entry.calls) ? { calls: entry.calls, value: entry.value } : undefined
  } catch {
    return undefined
  }
}
