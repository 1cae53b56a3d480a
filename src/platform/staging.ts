// The index that a snapshot is made with: a copy, so that the user's own is never written.
import { copyFileSync, statSync, utimesSync } from 'node:fs'
import { gitOutput } from './git-command.ts'
import type { GitPlace } from './git-command.ts'
import type { SnapshotContent } from './snapshot-content.ts'
import type { TreeEdit } from './tree-edit.ts'
import { parseStatus } from './work-tree-status.ts'
import type { RawPath, WorkTreeStatus } from './work-tree-status.ts'

/** Index and object folders that git is to use instead of the repository's own. */
export type StagingEnvironment = Readonly<Record<string, string>>

/** Compares HEAD, index and work tree in one process, writing nothing. */
export async function readStatus(place: GitPlace, env: StagingEnvironment = {}): Promise<WorkTreeStatus> {
  const options = [
    '--porcelain=v2',
    '-z',
    '--branch',
    '--no-ahead-behind',
    '--no-renames',
    '--untracked-files=all',
    '--ignore-submodules=none',
  ]
  return parseStatus(await gitOutput({ place, env, args: ['--no-optional-locks', 'status', ...options] }))
}

/**
 * Copies an index, with its time: git takes a file for unchanged when its times are as recorded and older than the index, so a
 * copy that looks younger would hide changes made in the same moment. Without an index there is nothing to copy.
 */
export function copyIndex(from: string, to: string): void {
  const stat = statSync(from, { bigint: true, throwIfNoEntry: false })
  if (!stat) return
  copyFileSync(from, to)
  // Rounded down, because node's times are coarser than the file system's; older only means that git compares more contents.
  const seconds = Number(stat.mtimeMs - 1n) / 1000
  utimesSync(to, seconds, seconds)
}

/** Brings the index to the state of the files, writing their blobs. By path and not `git add -A`, which would look at every file once more. */
export async function updateIndex(
  place: GitPlace,
  env: StagingEnvironment,
  content: SnapshotContent,
): Promise<void> {
  // Removed first and without looking at the disk, where a file of the same name may now be a folder or a link.
  await runUpdate(place, env, ['--force-remove'], content.deleted)
  await runUpdate(place, env, ['--add', '--remove', '--replace'], content.updated)
}

/** How the index differs from a commit or tree. */
export async function readStagedEdits(
  place: GitPlace,
  env: StagingEnvironment,
  treeish: string,
): Promise<TreeEdit[]> {
  const options = ['--cached', '--raw', '-z', '--no-abbrev', '--no-renames', '--ignore-submodules=none']
  const fields = (await gitOutput({ place, env, args: ['diff-index', ...options, treeish, '--'] }))
    .toString('latin1')
    .split('\0')
  const edits: TreeEdit[] = []
  // git-diff-index(1), "Raw output format": `:mode mode id id status`, NUL, path, NUL.
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode = '', , id = '', status = ''] = (fields[at] ?? '').split(' ')
    edits.push({
      path: fields[at + 1] ?? '',
      entry: status === 'D' ? null : { mode, id: Buffer.from(id, 'hex') },
    })
  }
  return edits
}

async function runUpdate(
  place: GitPlace,
  env: StagingEnvironment,
  options: readonly string[],
  paths: readonly RawPath[],
): Promise<void> {
  if (paths.length === 0) return
  const input = Buffer.from(`${paths.join('\0')}\0`, 'latin1')
  // A split index would leave its shared half in the user's git directory.
  const settings = ['core.splitIndex=false', 'core.untrackedCache=false']
  await gitOutput({ place, env, settings, input, args: ['update-index', ...options, '-z', '--stdin'] })
}
