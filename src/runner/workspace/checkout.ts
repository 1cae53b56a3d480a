import { chmodSync, lstatSync, rmSync } from 'node:fs'
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

/** Writes the files of a commit where they are missing or differ. The error is git's. */
export async function checkOut(checkout: Checkout, sha: string): Promise<Result<null, string>> {
  return git(checkout, ['checkout', '--quiet', '--force', '--detach', sha, '--'])
}

/**
 * Deletes what the commit does not hold. `git clean` passes over pipes, sockets and anything called `.git`, all of which could
 * reach the next job.
 */
export async function cleanUp(checkout: Checkout): Promise<Result<null, string>> {
  const cleaned = await git(checkout, ['clean', '-ffdx', '--quiet'])
  if (cleaned.ok) await removeStrays(checkout.project, true)
  return cleaned
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

async function git(checkout: Checkout, args: readonly string[]): Promise<Result<null, string>> {
  const result = await runGit({ place: placeOf(checkout), settings: SETTINGS, args })
  return result.ok ? ok(null) : err(result.error.message)
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

async function removeStrays(folder: string, top: boolean): Promise<void> {
  // Asynchronous, as this is for work trees of any size.
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const ordinary = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink()
    if (!ordinary || (!top && entry.name === '.git')) rmSync(path, { recursive: true, force: true })
    else if (entry.isDirectory() && entry.name !== '.git') await removeStrays(path, false)
  }
}
