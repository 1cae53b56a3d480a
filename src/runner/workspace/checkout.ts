import { chmodSync, closeSync, lstatSync, openSync, readdirSync, readSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  readText,
  writeAlternates,
  writeBareRepository,
  writeIfDifferent,
} from '../../platform/bare-repository.ts'
import { runGit, type GitCommand } from '../../platform/git-command.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { isUsual } from '../build-settings.ts'
import type { HostRepository } from '../executors/executor.ts'

/**
 * Our own git directory of a slot, beside the workspace and not in it: no job can reach its configuration, hooks or index, so
 * git may run on a used workspace without obeying what a job left there.
 */
export interface Checkout {
  readonly gitDir: string
  readonly project: string
  readonly repository: HostRepository
  /** `sha1` or `sha256`. */
  readonly objectFormat: string
}

/** Makes the git directory, or puts it right after another process, which may have been killed at work. */
export function openCheckout({ gitDir, repository, objectFormat }: Checkout): void {
  for (const name of ['index.lock', 'HEAD.lock', 'shallow.lock']) rmSync(join(gitDir, name), { force: true })
  writeBareRepository({ gitDir, objectFormat, branch: undefined })
  writeAlternates(gitDir, repository.objects.slice(0, 1))
  writeIfDifferent(join(gitDir, 'shallow'), readText(join(repository.gitDir, 'shallow')) ?? null)
}

/** Why sources could not be brought. `exitCode` is that of git; null: it was not git that failed. */
export interface SourceProblem {
  readonly message: string
  readonly exitCode: number | null
}

/** Writes the files of a commit where they are missing or differ. The error is git's. */
export async function checkOut(checkout: Checkout, sha: string): Promise<Result<string, SourceProblem>> {
  return git(checkout, ['checkout', '--quiet', '--force', '--detach', sha, '--'])
}

/**
 * Deletes what the commit does not hold; the answer is what git says of it. `git clean` passes over pipes, sockets and anything
 * called `.git`, all of which could reach the next job, so with its usual flags those go too.
 */
export async function cleanUp(
  checkout: Checkout,
  flags: readonly string[],
): Promise<Result<string, SourceProblem>> {
  if (flags.length === 0) return ok('')
  if (!isUsual(flags)) return git(checkout, ['clean', ...flags])
  // Looked for meanwhile: in a large tree that takes as long as git itself.
  const [cleaned, strays] = await Promise.all([
    git(checkout, ['clean', ...flags]),
    findStrays(checkout.project).catch(() => undefined),
  ])
  if (!cleaned.ok) return cleaned
  // A folder that git deleted in this moment could not be looked into.
  for (const path of strays ?? (await findStrays(checkout.project)))
    rmSync(path, { recursive: true, force: true })
  await emptySubmodules(checkout)
  return cleaned
}

/** How many files the last checkout has: the head of an index says so. */
export function filesIn({ gitDir }: Checkout): number {
  const head = Buffer.alloc(12)
  const file = openSync(join(gitDir, 'index'), 'r')
  try {
    return readSync(file, head, 0, 12, 0) === 12 ? head.readUInt32BE(8) : 0
  } finally {
    closeSync(file)
  }
}

/** `git clean` also passes over the folders of submodules, where an earlier job may have had one checked out. */
async function emptySubmodules(checkout: Checkout): Promise<void> {
  if (lstatSync(join(checkout.project, '.gitmodules'), { throwIfNoEntry: false }) === undefined) return
  const entries = await git(checkout, ['ls-files', '--stage', '-z'])
  for (const entry of entries.ok ? entries.value.split('\0') : []) {
    const path = /^160000 [0-9a-f]+ \d\t(.+)$/s.exec(entry)?.[1]
    const folder = path === undefined ? undefined : join(checkout.project, path)
    if (folder === undefined || !lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** Paths that are not in the commit's index, ignored ones too: `git ls-files -o`. Folders that are repositories end in a slash. */
export async function listUntracked(checkout: Checkout): Promise<readonly string[]> {
  const result = await runGit({ place: placeOf(checkout), args: ['ls-files', '--others', '-z'] })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
    .toString()
    .split('\0')
    .filter((path) => path !== '')
}

/**
 * git looks at the executable bit only: gives folders the permissions of a checkout and deletes files that have others.
 * `paths` are relative to the workspace. Returns whether a file must be checked out again.
 */
export function straightenPermissions(project: string, paths: Iterable<string>): boolean {
  const umask = process.umask()
  let deleted = false
  for (const path of paths) {
    const full = join(project, path)
    const entry = lstatSync(full)
    const permissions = entry.mode & 0o7777
    const folder = entry.isDirectory()
    const usual = permissions === (0o777 & ~umask) || (!folder && permissions === (0o666 & ~umask))
    if (usual || entry.isSymbolicLink()) continue
    if (folder) chmodSync(full, 0o777 & ~umask)
    else rmSync(full)
    deleted ||= !folder
  }
  return deleted
}

async function git(checkout: Checkout, args: readonly string[]): Promise<Result<string, SourceProblem>> {
  const result = await runGit({ place: placeOf(checkout), settings: SETTINGS, args })
  if (result.ok) return ok(result.value.toString())
  const { kind, message, exitCode } = result.error
  return err({ message, exitCode: kind === 'exit' ? (exitCode ?? 128) : null })
}

const SETTINGS = [
  'core.logAllRefUpdates=false',
  'advice.detachedHead=false',
  'checkout.workers=0',
  'protocol.file.allow=never',
]

function placeOf({ gitDir, project }: Checkout): GitCommand['place'] {
  return { kind: 'repository', gitDir, workTree: project }
}

/** Pipes, sockets and nested `.git`. Asynchronous, as this is for work trees of any size. */
async function findStrays(top: string): Promise<readonly string[]> {
  const strays: string[] = []
  let folders = [top]
  while (folders.length > 0) {
    const listed = await Promise.all(folders.map(async (folder) => listFolder(folder, folder === top)))
    strays.push(...listed.flatMap((each) => each.strays))
    folders = listed.flatMap((each) => each.folders)
  }
  return strays
}

async function listFolder(folder: string, top: boolean): Promise<{ strays: string[]; folders: string[] }> {
  const strays: string[] = []
  const folders: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const ordinary = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink()
    if (!ordinary || (!top && entry.name === '.git')) strays.push(path)
    else if (entry.isDirectory() && entry.name !== '.git') folders.push(path)
  }
  return { strays, folders }
}
