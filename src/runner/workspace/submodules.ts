import { existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gitSays } from '../../platform/git-said.ts'
import type { SubmoduleSettings } from '../build-settings.ts'
import { pullModuleFiles } from './large-files.ts'
import { bringModule, type ModuleSource } from './module-store.ts'
import { httpsSettings, isLocal, withoutGit } from './module-url.ts'

export interface SubmoduleWish {
  /** A checkout whose `.git` we wrote, and nobody else since. */
  readonly project: string
  /** The same folder by the name that the job knows. */
  readonly shownAs: string
  /** Where the submodules of all jobs of the project are kept. */
  readonly store: string
  /** The user's own repository, work tree or bare; it is only read. */
  readonly source: string | undefined
  /** What relative addresses are relative to: the remote of the user's repository, else its path. */
  readonly remote: string | undefined
  /** Of the project: `group/app`. */
  readonly fullPath: string
  /** Where a served project lies. */
  readonly pathOf: (project: string) => string | undefined
  readonly settings: SubmoduleSettings
  readonly cleanFlags: readonly string[]
  /** Whether files in Git LFS are wanted, and not their pointers. */
  readonly largeFiles: boolean
  readonly signal: AbortSignal
  /** Output of git; lines of the runner, green and yellow. */
  readonly say: (text: string) => void
  readonly notice: (text: string) => void
  readonly caution: (text: string) => void
}

/**
 * `git submodule init`, `sync` and `update` with gitlab-runner's lines; returns git's exit code. git runs as the user would
 * run it, with their network settings and credentials, and outside of any sandbox: what it obeys is a configuration that was
 * just written by us. Each commit comes from the project's own store, which is filled from where it is nearest: the user's
 * clone of the submodule, a served project, then its address.
 */
export async function updateSubmodules(wish: SubmoduleWish): Promise<number> {
  const { strategy, depth } = wish.settings
  const recursively = strategy === 'recursive' ? ' recursively' : ''
  const limited = depth > 0 ? ` with git depth set to ${depth}` : ''
  wish.notice(`Updating/initializing submodules${recursively}${limited}...`)
  const code = await level(wish, {
    folder: '',
    remote: wish.remote,
    modules: modulesOf(wish.source),
    known: await knownTo(wish.source),
    top: true,
  })
  if (code !== 0) return code
  wish.notice('Updated submodules')
  return 0
}

/** One repository with submodules: the project itself, or one of them. */
interface Level {
  /** Relative to the project. */
  readonly folder: string
  readonly remote: string | undefined
  /** The user's own clones of the submodules here. */
  readonly modules: string | undefined
  /** Addresses of submodules in the user's own configuration here. */
  readonly known: ReadonlySet<string>
  readonly top: boolean
}

interface Submodule {
  readonly name: string
  readonly path: string
  readonly sha: string
  readonly url: string
  /** As `.gitmodules` has it, before it was resolved. */
  readonly written: string
}

const NESTING = 20

async function level(wish: SubmoduleWish, at: Level): Promise<number> {
  const folder = join(wish.project, at.folder)
  if (!existsSync(join(folder, '.gitmodules'))) return 0
  if (at.folder.split('/').length > NESTING) {
    wish.say(`fatal: submodules are nested more than ${NESTING} deep\n`)
    return 128
  }
  const { remote, settings } = wish
  const paths = at.top && settings.paths.length > 0 ? ['--', ...settings.paths] : []
  const base = at.remote ?? remote
  const relativeTo = base === undefined ? [] : [`remote.origin.url=${base}`]
  const init = await run(wish, folder, ['submodule', 'init', ...paths], relativeTo)
  if (init !== 0) return init
  const found = await submodulesIn(folder, paths)
  const chosen = new Map<string, string>()
  for (const { path } of found) empty(folder, path)
  for (const submodule of found) {
    const brought = await bring(wish, at, submodule)
    if (typeof brought === 'number') return brought
    chosen.set(submodule.name, brought)
  }
  if (chosen.size === 0) return 0
  const updated = await run(
    wish,
    folder,
    [
      'submodule',
      'update',
      '--init',
      ...(settings.depth > 0 ? ['--depth', String(settings.depth)] : []),
      ...settings.updateFlags,
      ...paths,
    ],
    [
      ...relativeTo,
      ...[...chosen].map(([name, store]) => `submodule.${name}.url=${pathToFileURL(store).href}`),
    ],
  )
  if (updated !== 0) return updated
  for (const submodule of wish.largeFiles ? found : []) {
    const code = await bringLargeFiles(wish, at, submodule)
    if (code !== 0) return code
  }
  const synced = await run(wish, folder, ['submodule', 'sync', ...paths], relativeTo)
  if (synced !== 0 || settings.strategy !== 'recursive') return synced
  for (const { name, path, url } of found) {
    const code = await level(wish, {
      folder: posix.join(at.folder, path),
      remote: url,
      modules: at.modules === undefined ? undefined : join(at.modules, name, 'modules'),
      known: await knownTo(at.modules === undefined ? undefined : join(at.modules, name)),
      top: false,
    })
    if (code !== 0) return code
  }
  return 0
}

/**
 * What is there was left by a job: where workspaces are not cleaned, git would obey the configuration in its `.git`. A link on the way
 * goes too, as it may lead out of the workspace.
 */
function empty(folder: string, path: string): void {
  let at = folder
  for (const name of path.split('/')) {
    at = join(at, name)
    const entry = lstatSync(at, { throwIfNoEntry: false })
    if (entry === undefined) return
    if (!entry.isDirectory()) return rmSync(at)
  }
  for (const name of readdirSync(at)) rmSync(join(at, name), { recursive: true, force: true })
}

/** The store that has the commit, or git's exit code after its words and gitlab-runner's second try. */
async function bring(wish: SubmoduleWish, at: Level, submodule: Submodule): Promise<string | number> {
  const sources = sourcesOf(wish, at, submodule)
  const facts = { store: wish.store, url: submodule.url, sha: submodule.sha, sources, signal: wish.signal }
  const first = await bringModule(facts)
  if (first.ok) return first.value
  const shown = posix.join(wish.shownAs, at.folder, submodule.path)
  const words = (why: string): string =>
    `Cloning into '${shown}'...\n${why.trimEnd()}\nfatal: clone of '${submodule.url}' into submodule path '${shown}' failed\n`
  wish.say(words(first.error))
  wish.caution('Updating submodules failed. Retrying...')
  const second = await bringModule(facts)
  if (second.ok) return second.value
  wish.say(`${words(second.error)}Failed to clone '${submodule.path}' a second time, aborting\n`)
  return 1
}

async function bringLargeFiles(wish: SubmoduleWish, at: Level, submodule: Submodule): Promise<number> {
  const sources = sourcesOf(wish, at, submodule)
  const own = at.modules === undefined ? undefined : join(at.modules, submodule.name)
  const pulled = await pullModuleFiles({
    module: join(wish.project, at.folder, submodule.path),
    address: sources.find(({ address }) => address !== own)?.address,
    own: own !== undefined && existsSync(own) ? own : undefined,
    signal: wish.signal,
  })
  wish.say((pulled?.said ?? '').replaceAll(wish.project, wish.shownAs))
  return pulled === null || pulled.code >= 0 ? (pulled?.code ?? 0) : 128
}

/** Nearest first. */
function sourcesOf(wish: SubmoduleWish, at: Level, { name, url, written }: Submodule): ModuleSource[] {
  const sources: ModuleSource[] = []
  const own = at.modules === undefined ? undefined : join(at.modules, name)
  if (own !== undefined && existsSync(join(own, 'HEAD'))) sources.push({ address: own, local: true })
  const relative = /^\.\.?\//.test(written)
  const served = relative && at.top ? wish.pathOf(withoutGit(posix.join(wish.fullPath, written))) : undefined
  if (served !== undefined) sources.push({ address: served, local: true })
  const onDisk = isLocal(url) ? pathOfUrl(url) : undefined
  if (onDisk === undefined) {
    const settings = wish.settings.forceHttps ? httpsSettings(wish.remote) : []
    sources.push({ address: url, local: false, settings })
  } else if (mayRead(wish, { relative, known: at.known.has(url), path: onDisk }))
    sources.push({ address: onDisk, local: true })
  return sources
}

/**
 * A commit could name any folder of this machine as its submodule. What is read is what the user has as a submodule in their
 * own configuration, what lies beside it (`../lib.git`, `../../group/lib.git`), and what is served anyway.
 */
function mayRead(
  { source, remote, pathOf, fullPath }: SubmoduleWish,
  { relative, known, path }: { readonly relative: boolean; readonly known: boolean; readonly path: string },
): boolean {
  if (known) return true
  const ground = source === undefined ? undefined : posix.join(source, '../..')
  const beside = ground !== undefined && ground !== '/' && path.startsWith(`${ground}/`)
  return (relative && remote === source && beside) || pathOf(fullPath) === path
}

async function submodulesIn(folder: string, paths: readonly string[]): Promise<Submodule[]> {
  const written = await readConfig(folder, ['-f', '.gitmodules'])
  const resolved = await readConfig(folder, [])
  const { said } = await gitSays({
    place: { kind: 'work-tree', folder },
    args: ['ls-files', '--stage', '-z', ...(paths.length > 0 ? paths : ['--', '.'])],
  })
  const links = new Map(
    said.split('\0').flatMap((line): [string, string][] => {
      const [, sha, path] = /^160000 ([0-9a-f]+) \d\t(.+)$/s.exec(line) ?? []
      return sha !== undefined && path !== undefined ? [[path, sha]] : []
    }),
  )
  return [...written].flatMap(([key, path]) => {
    const name = /^submodule\.(.+)\.path$/s.exec(key)?.[1]
    const sha = links.get(path)
    if (name === undefined || sha === undefined) return []
    const url = resolved.get(`submodule.${name}.url`)
    return url === undefined
      ? []
      : [{ name, path, sha, url, written: written.get(`submodule.${name}.url`) ?? '' }]
  })
}

async function knownTo(repository: string | undefined): Promise<ReadonlySet<string>> {
  if (repository === undefined || !existsSync(repository)) return new Set()
  const values = await readConfig(repository, [])
  return new Set([...values].flatMap(([key, value]) => (key.endsWith('.url') ? [value] : [])))
}

async function readConfig(folder: string, from: readonly string[]): Promise<Map<string, string>> {
  const { said, code } = await gitSays({
    place: { kind: 'work-tree', folder },
    args: ['config', ...from, '-z', '--get-regexp', String.raw`^submodule\..*\.(path|url)$`],
  })
  const values = new Map<string, string>()
  for (const entry of code === 0 ? said.split('\0') : []) {
    const end = entry.indexOf('\n')
    if (end > 0) values.set(entry.slice(0, end), entry.slice(end + 1))
  }
  return values
}

async function run(
  wish: SubmoduleWish,
  folder: string,
  args: readonly string[],
  settings: readonly string[],
): Promise<number> {
  const { code, said } = await gitSays({
    place: { kind: 'work-tree', folder },
    settings: [...settings, 'protocol.file.allow=always', 'advice.detachedHead=false'],
    // Local stores only; hooks and templates of the user's stay out.
    // Files in Git LFS come afterwards: the store that git clones has none.
    env: { GIT_ALLOW_PROTOCOL: 'file', GIT_TEMPLATE_DIR: '', GIT_LFS_SKIP_SMUDGE: '1' },
    args,
    signal: wish.signal,
  })
  // The job knows its folder by another name, and the store not at all.
  wish.say(said.replaceAll(wish.project, wish.shownAs))
  return code < 0 ? 128 : code
}

/** Where the user's clones of submodules lie. */
function modulesOf(source: string | undefined): string | undefined {
  if (source === undefined) return undefined
  const inside = join(source, '.git/modules')
  if (existsSync(inside) && statSync(inside).isDirectory()) return inside
  return existsSync(join(source, 'modules')) && existsSync(join(source, 'HEAD'))
    ? join(source, 'modules')
    : undefined
}

function pathOfUrl(url: string): string {
  return url.startsWith('file://') ? fileURLToPath(url) : url
}
