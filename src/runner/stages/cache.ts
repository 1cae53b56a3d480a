import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { PayloadCache } from '../../model/payload.ts'
import { copyEntries } from '../artifacts/copy.ts'
import { selectArtifacts } from '../artifacts/select.ts'
import { walkBelow, type TreeEntry } from '../artifacts/walk.ts'
import { cacheKeyOf } from '../cache/cache-key.ts'
import { cautionLine, headingLine, noticeLine, warningLine } from '../log/ansi.ts'
import type { Outcome } from '../outcome.ts'
import { inSection, type Build } from './build.ts'
import { workspaceGone } from './workspace-there.ts'

/** Brings back what `cache:` names, each from its key or the first fallback that is there. Undefined: never the job's failure. */
export async function restoreCache(build: Build): Promise<Outcome | undefined> {
  const wanted = build.payload.cache.filter(isAsked)
  if (wanted.length === 0) return undefined
  return inSection(build, 'restore_cache', async () => {
    build.log.say(headingLine('Restoring cache'))
    for (const cache of wanted) {
      const key = keyOf(build, build.variables.expand(cache.key), 'extraction')
      if (key === null) continue
      const policy = policyOf(build, cache, key)
      if (typeof policy !== 'string') return policy
      if (policy === 'push') build.log.say(noticeLine(`Not downloading cache ${key} due to policy`))
      else await extractFirst(build, [key, ...fallbacksOf(build, cache)])
    }
    return undefined
  })
}

/** Keeps what `cache:` names, by its `when`. Undefined: never the job's failure. */
export async function archiveCache(build: Build, outcome: Outcome): Promise<Outcome | undefined> {
  const succeeded = outcome.kind === 'success'
  const wanted = build.payload.cache.filter(
    (cache) => isAsked(cache) && (cache.when === 'always' || (cache.when === 'on_success') === succeeded),
  )
  if (wanted.length === 0) return undefined
  return inSection(build, succeeded ? 'archive_cache' : 'archive_cache_on_failure', async () => {
    build.log.say(headingLine(`Saving cache for ${succeeded ? 'successful' : 'failed'} job`))
    for (const cache of wanted) {
      const key = keyOf(build, build.variables.expand(cache.key), 'archiving')
      if (key === null) continue
      const policy = policyOf(build, cache, key)
      if (typeof policy !== 'string') return policy
      if (policy === 'pull') build.log.say(noticeLine(`Not uploading cache ${key} due to policy`))
      else await create(build, cache, key)
    }
    return undefined
  })
}

/** gitlab-runner: a cache without paths and untracked files is none. */
function isAsked({ paths, untracked }: PayloadCache): boolean {
  return paths.length > 0 || untracked
}

function keyOf({ log, payload }: Build, expanded: string, doing: 'extraction' | 'archiving'): string | null {
  const { key, warning, problem } = cacheKeyOf(expanded, {
    name: payload.job_info.name,
    ref: payload.git_info.ref,
  })
  if (warning !== null) log.say(cautionLine(warning))
  if (key === null) log.say(noticeLine(`Skipping cache ${doing} due to ${problem}`))
  return key
}

function policyOf(
  { variables }: Build,
  cache: PayloadCache,
  key: string,
): 'pull-push' | 'pull' | 'push' | Outcome {
  const policy = variables.expand(cache.policy)
  if (policy === '') return 'pull-push'
  if (policy === 'pull-push' || policy === 'pull' || policy === 'push') return policy
  return { kind: 'system_failure', message: `unknown cache policy ${policy} for ${key}` }
}

/** gitlab-runner: `fallback_keys`, then CACHE_FALLBACK_KEY, which must not name what only protected branches write. */
function fallbacksOf(build: Build, cache: PayloadCache): string[] {
  const { variables, log } = build
  const keys = cache.fallback_keys.map(variables.expand).filter((key) => key !== '')
  const own = variables.exported.find(({ key }) => key === 'CACHE_FALLBACK_KEY')?.value ?? ''
  const found = keys.flatMap((key) => keyOf(build, key, 'extraction') ?? [])
  if (own === '') return found
  const last = keyOf(build, own, 'extraction')
  if (last === null) return found
  if (!last.replace(/[. ]+$/, '').endsWith('-protected')) return [...found, last]
  log.say(cautionLine(`CACHE_FALLBACK_KEY ${JSON.stringify(last)} not allowed to end in "-protected"`))
  return found
}

async function extractFirst(build: Build, keys: readonly string[]): Promise<void> {
  const { log } = build
  for (const key of keys) {
    log.say(
      noticeLine(`Checking cache for ${key}...`) +
        'No URL provided, cache will not be downloaded from shared cache server. Instead a local version of cache will be extracted. \n',
    )
    const problem = await extract(build, key).catch((error: unknown) => messageOf(error))
    if (problem === null) {
      log.say(noticeLine('Successfully extracted cache'))
      return
    }
    log.say(warningLine(problem) + cautionLine('Failed to extract cache'))
  }
}

/** Null, or why there is no such cache in the workspace now. */
async function extract({ caches, payload, workspace }: Build, key: string): Promise<string | null> {
  const found = await caches.read(
    payload.job_info.project_full_path,
    key,
    async ({ folder, files, bytes }) => {
      const entries = await entriesBelow(folder)
      const stored = await sizeOf(folder, entries)
      if (stored.files !== files || stored.bytes !== bytes)
        return `the cache is damaged: ${files} files of ${bytes} bytes were saved, ${stored.files} of ${stored.bytes} are there`
      await copyEntries(folder, workspace.slot.project, entries)
      return null
    },
  )
  if (found === 'missing') return 'Cache file does not exist'
  return found === 'damaged' ? 'the cache is damaged: it has no usable record' : found
}

async function create(build: Build, cache: PayloadCache, key: string): Promise<void> {
  const { log } = build
  log.say(noticeLine(`Creating cache ${key}...`))
  try {
    const gone = workspaceGone(build)
    if (gone !== null) throw new Error(gone)
    await save(build, cache, key)
    log.say(noticeLine('Created cache'))
  } catch (error) {
    log.say(warningLine(messageOf(error)) + cautionLine('Failed to create cache'))
  }
}

async function save(build: Build, cache: PayloadCache, key: string): Promise<void> {
  const { log, caches, payload, workspace, environment, variables } = build
  const { project } = workspace.slot
  const { entries, messages } = await selectArtifacts({
    root: project,
    projectDir: environment.projectDir,
    paths: cache.paths.map(variables.expand),
    exclude: [],
    untracked: cache.untracked ? await workspace.slot.listUntracked() : null,
  })
  for (const { severity, text } of messages) log.say(severity === 'warning' ? warningLine(text) : `${text}\n`)
  if (entries.length === 0) {
    log.say(warningLine('No files to cache.'))
    return
  }
  const savedAt = caches.savedAt(payload.job_info.project_full_path, key)
  const { bytes, changedAt } = await sizeOf(project, entries)
  if (savedAt !== undefined && changedAt <= savedAt) {
    log.say('Archive is up to date! \n')
    return
  }
  if (bytes > caches.limit)
    throw new Error(
      `the cache has ${bytes} bytes, more than all caches of the project may take (cache.max_size: ${caches.limit})`,
    )
  await caches.write(payload.job_info.project_full_path, key, async (folder) => {
    await copyEntries(project, folder, entries)
    return await sizeOf(folder, await entriesBelow(folder))
  })
  log.say(
    'No URL provided, cache will not be uploaded to shared cache server. Cache will be stored only locally. \n',
  )
}

/** So many files are looked at before others have their turn. */
const AT_ONCE = 500

/** What can be told again of a copy: folders may differ in size from one file system to the next. */
async function sizeOf(
  root: string,
  entries: readonly TreeEntry[],
): Promise<{ files: number; bytes: number; changedAt: number }> {
  let files = 0
  let bytes = 0
  let changedAt = 0
  for (const [at, { path, kind }] of entries.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve))
    const entry = lstatSync(join(root, path), { throwIfNoEntry: false })
    changedAt = Math.max(changedAt, entry?.mtimeMs ?? 0)
    if (kind === 'folder') continue
    files++
    if (kind === 'file') bytes += entry?.size ?? 0
  }
  return { files, bytes, changedAt }
}

async function entriesBelow(folder: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = []
  for await (const entry of walkBelow(folder, '')) if (entry.kind !== 'special') entries.push(entry)
  return entries
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
