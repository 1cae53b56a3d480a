// Which of the files that git reports go into a snapshot, and what is said about those that do not.
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { runGit } from './git-command.ts'
import { hasControlCharacter } from './ref-name.ts'
import { onDisk } from './work-tree-status.ts'
import type { RawPath, WorkTreeStatus } from './work-tree-status.ts'

export interface SnapshotContent {
  /** To be added, or taken over as they are now. */
  readonly updated: readonly RawPath[]
  readonly deleted: readonly RawPath[]
  /** One line each, for a person. */
  readonly notices: readonly string[]
}

/**
 * As `git add -A` would choose, but for new files larger than `limitBytes`. Of a submodule and of an untracked repository only the
 * commit is recorded, as git does; one without a commit, where git would refuse everything, is left out.
 */
export async function chooseContent(
  root: string,
  status: WorkTreeStatus,
  limitBytes: number,
): Promise<SnapshotContent> {
  const sized = Number.isFinite(limitBytes)
    ? status.untracked.map((path) => ({ path, size: sizeOf(root, path) }))
    : []
  const large = sized.filter(({ size }) => size > limitBytes)
  const leftOut = new Set(large.map(({ path }) => path))
  const nested = await Promise.all(
    status.nested.map(async (path) => ({ path, linked: await hasCommit(root, path) })),
  )
  return {
    updated: [
      ...status.changed.map(({ path }) => path),
      ...status.untracked.filter((path) => !leftOut.has(path)),
      ...nested.flatMap(({ path, linked }) => (linked ? [path] : [])),
    ],
    deleted: status.deleted,
    notices: [
      ...largeFileNotices(large),
      ...nested.map(({ path }) => `left out: the files of ${display(path)}, a git repository of its own`),
      ...status.dirtySubmodules.map((path) => `left out: uncommitted changes in submodule ${display(path)}`),
    ],
  }
}

function largeFileNotices(files: readonly { readonly path: RawPath; readonly size: number }[]): string[] {
  const named = files.length > 6 ? files.slice(0, 5) : files
  const others = files.slice(named.length)
  const lines = named.map(
    ({ path, size }) => `left out: ${display(path)} (${formatSize(size)}), over run.snapshot_limit`,
  )
  if (others.length === 0) return lines
  const total = others.reduce((sum, { size }) => sum + size, 0)
  return [...lines, `left out: ${others.length} more files (${formatSize(total)}), over run.snapshot_limit`]
}

/** Decimal units with at most one digit after the point: `1.2 GB`, `120 MB`. */
function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** power
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${units[power] ?? 'TB'}`
}

function display(path: RawPath): string {
  const text = Buffer.from(path, 'latin1').toString()
  return hasControlCharacter(text) ? JSON.stringify(text) : text
}

function sizeOf(root: string, path: RawPath): number {
  const stat = lstatSync(onDisk(root, path), { throwIfNoEntry: false })
  return stat?.isFile() ? stat.size : 0
}

async function hasCommit(root: string, path: RawPath): Promise<boolean> {
  const gitDir = join(root, Buffer.from(path, 'latin1').toString(), '.git')
  return (
    await runGit({
      place: { kind: 'repository', gitDir },
      args: ['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'],
    })
  ).ok
}
