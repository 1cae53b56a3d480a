import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeBareRepository, writeIfDifferent } from '../../platform/bare-repository.ts'
import { gitSays } from '../../platform/git-said.ts'
import { err, ok, type Result } from '../../shared/result.ts'

export interface ModuleSource {
  readonly address: string
  readonly local: boolean
  /** git's settings for this address. */
  readonly settings?: readonly string[]
}

const running = new Map<string, Promise<unknown>>()

/**
 * A bare repository with the commit of a submodule, one for each address, kept for the jobs to come. The error is git's. Calls
 * for one address wait for each other.
 */
export async function bringModule(wish: {
  readonly store: string
  readonly url: string
  readonly sha: string
  readonly sources: readonly ModuleSource[]
  readonly signal: AbortSignal
}): Promise<Result<string, string>> {
  const gitDir = join(wish.store, `${createHash('sha256').update(wish.url).digest('hex').slice(0, 16)}.git`)
  const before = running.get(gitDir) ?? Promise.resolve()
  const mine = before.then(() => fill(gitDir, wish))
  const settled = mine.catch(() => {})
  running.set(gitDir, settled)
  try {
    return await mine
  } finally {
    if (running.get(gitDir) === settled) running.delete(gitDir)
  }
}

async function fill(
  gitDir: string,
  { sha, sources, signal }: { sha: string; sources: readonly ModuleSource[]; signal: AbortSignal },
): Promise<Result<string, string>> {
  const objectFormat = sha.length === 64 ? 'sha256' : 'sha1'
  mkdirSync(gitDir, { recursive: true })
  writeBareRepository({ gitDir, objectFormat, branch: undefined })
  if (await keep(gitDir, sha)) return ok(gitDir)
  let said = "fatal: transport 'file' not allowed\n"
  for (const source of sources) {
    said = await fetchFrom(gitDir, source, { refspecs: ALL, signal })
    if (await keep(gitDir, sha)) return ok(gitDir)
    // A commit that no branch leads to any more, where the server gives it.
    const single = await fetchFrom(gitDir, source, { refspecs: [`+${sha}:refs/sluice/${sha}`], signal })
    if (await keep(gitDir, sha)) return ok(gitDir)
    said ||= single
  }
  return err(said)
}

const ALL = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']

/** With the user's own configuration, as it may take credentials to get there. What git said when it failed, else ''. */
async function fetchFrom(
  gitDir: string,
  source: ModuleSource,
  { refspecs, signal }: { readonly refspecs: readonly string[]; readonly signal: AbortSignal },
): Promise<string> {
  const { code, said } = await gitSays({
    place: { kind: 'work-tree', folder: gitDir },
    settings: source.local
      ? ['protocol.file.allow=always', 'safe.directory=*']
      : [...(source.settings ?? []), 'credential.interactive=never'],
    env: {
      GIT_ALLOW_PROTOCOL: source.local ? 'file' : 'git:http:https:ssh',
      GCM_INTERACTIVE: 'Never',
      GIT_DIR: gitDir,
    },
    args: [
      'fetch',
      '--quiet',
      '--force',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
      '--update-shallow',
      // A repository of another user's that the settings name; no server would understand it.
      ...(source.local ? ["--upload-pack=git -c 'safe.directory=*' upload-pack"] : []),
      '--',
      source.address,
      ...refspecs,
    ],
    signal,
  })
  return code === 0 ? '' : said
}

/** Whether the commit is here. What a ref names may be fetched by its id, as a clone with a depth has to. */
async function keep(gitDir: string, sha: string): Promise<boolean> {
  const { code } = await gitSays({
    place: { kind: 'repository', gitDir },
    args: ['cat-file', '-e', `${sha}^{commit}`],
  })
  if (code !== 0) return false
  mkdirSync(join(gitDir, 'refs/sluice'), { recursive: true })
  writeIfDifferent(join(gitDir, 'refs/sluice', sha), `${sha}\n`)
  return true
}
