// Sluice's own repository of a project. Jobs are checked out from it, so that they never see the user's repository, and what a
// pipeline runs is pinned in it, so that a rebase cannot take the commit away.
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  commonDirOf,
  objectFormatOf,
  readText,
  writeAlternates,
  writeBareRepository,
  writeIfDifferent,
} from './bare-repository.ts'
import { gitError, gitOutput, runGit } from './git-command.ts'
import { randomToken } from './random.ts'

export interface MirrorOptions {
  /** The user's git directory: bare, `.git` or that of a linked work tree. */
  readonly source: string
  /** The git directory of the mirror; made when it is not there. */
  readonly mirror: string
  /** Use the source's objects where they are (`sluice run`: about a millisecond, no process) instead of copying. */
  readonly borrow: boolean
}

/**
 * Brings a mirror into being, or up to date: a borrowing one sees everything that the source has, a copying one gets the source's
 * branches and tags. A mirror is opened in the same way for its whole life. Safe in several processes at once.
 */
export async function openMirror(options: MirrorOptions): Promise<void> {
  const source = commonDirOf(options.source)
  if (options.borrow) {
    borrowObjects(source, options.mirror)
    return
  }
  if (existsSync(join(options.mirror, 'HEAD'))) return fetchInto(options.mirror, source)
  await cloneInto(options.mirror, source)
}

/** Brings branches and tags of the source into a mirror and removes those that are gone there. Pins stay. */
export async function fetchInto(mirror: string, source: string): Promise<void> {
  await fetch(mirror, source, ['--prune', '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'])
}

/**
 * Brings one commit of the source into a mirror, with its history: also one that no branch leads to any more, and when another
 * branch is damaged. Makes the mirror when it is not there. Whoever needs the commit pins it.
 */
export async function fetchCommit(mirror: string, source: string, sha: string): Promise<void> {
  const objectFormat = objectFormatOf(commonDirOf(source))
  if (!existsSync(join(mirror, 'HEAD')))
    writeBareRepository({ gitDir: mirror, objectFormat, branch: undefined })
  await fetch(mirror, source, [sha])
}

async function fetch(mirror: string, source: string, wanted: readonly string[]): Promise<void> {
  const options = [
    '--quiet',
    '--force',
    '--no-tags',
    '--update-shallow',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--no-auto-maintenance',
    ...wanted.filter((it) => it.startsWith('--')),
  ]
  const refs = wanted.filter((it) => !it.startsWith('--'))
  const command = {
    place: { kind: 'repository', gitDir: mirror },
    settings: ['protocol.file.allow=always', 'core.filesRefLockTimeout=5000', 'core.packedRefsTimeout=5000'],
    args: ['fetch', ...options, uploadPack, '--', commonDirOf(source), ...refs],
  } as const
  // Two fetches at once find each other's refs moved and refuse; the second try sees them where they are.
  for (let attempt = 1; ; attempt++) {
    const result = await runGit(command)
    if (result.ok) return
    if (attempt === 3 || !/cannot lock ref|\.lock'|incorrect old value/.test(result.error.message))
      throw gitError(result.error)
  }
}

/** Keeps a commit, and all that it needs, in the mirror for as long as the pipeline is kept: `refs/sluice/pipelines/<id>`. */
export async function pin(mirror: string, pipelineId: number, sha: string): Promise<void> {
  const folder = join(mirror, pinFolder)
  mkdirSync(folder, { recursive: true })
  writeIfDifferent(join(folder, String(pipelineId)), `${sha}\n`)
}

/** Takes pins away; those that do not exist are passed over. */
export async function unpin(mirror: string, pipelineIds: readonly number[]): Promise<void> {
  // Plain files: refs are never packed in a mirror (see `writeBareRepository`).
  for (const id of pipelineIds) rmSync(join(mirror, pinFolder, String(id)), { force: true })
}

/** Below a mirror: one ref for each pipeline that is kept. */
export const pinFolder = 'refs/sluice/pipelines'

/** A source that belongs to another user was still named by the user; git's own child does not get our configuration. */
const uploadPack = "--upload-pack=git -c 'safe.directory=*' -c uploadpack.allowAnySHA1InWant=true upload-pack"

function borrowObjects(source: string, mirror: string): void {
  // First the objects, then HEAD: whoever finds a repository here finds it complete.
  mkdirSync(join(mirror, 'objects/info'), { recursive: true })
  writeAlternates(mirror, [join(source, 'objects')])
  // Without it the history of a shallow clone would seem damaged.
  writeIfDifferent(join(mirror, 'shallow'), readText(join(source, 'shallow')) ?? null)
  writeBareRepository({ gitDir: mirror, objectFormat: objectFormatOf(source), branch: undefined })
}

/** Clones beside the place and moves it there whole; a process that was faster wins. */
async function cloneInto(mirror: string, source: string): Promise<void> {
  mkdirSync(dirname(mirror), { recursive: true })
  const temporary = `${mirror}.${randomToken('', 9)}.tmp`
  try {
    // --bare and not --mirror: branches and tags only, no remote-tracking refs, stashes and notes.
    const args = [
      'clone',
      '--quiet',
      '--bare',
      '--template=',
      howToCopy(source, dirname(mirror)),
      uploadPack,
      '--',
      source,
      temporary,
    ]
    await gitOutput({
      place: { kind: 'none' },
      settings: ['protocol.file.allow=always', 'safe.directory=*'],
      args,
    })
    const symbolic = readText(join(temporary, 'HEAD'))?.startsWith('ref: ') ?? false
    writeBareRepository({
      gitDir: temporary,
      objectFormat: objectFormatOf(temporary),
      branch: symbolic ? undefined : 'main',
    })
    renameSync(temporary, mirror)
  } catch (error) {
    if (!existsSync(join(mirror, 'HEAD'))) throw error
    await fetchInto(mirror, source)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Hard links are quick, but a file of someone else's could still be written to by them, and they end at their file system. */
function howToCopy(source: string, folder: string): string {
  const objects = statSync(join(source, 'objects'))
  if (objects.uid !== process.getuid?.()) return '--no-local'
  return objects.dev === statSync(folder).dev ? '--local' : '--no-hardlinks'
}
