import { copyFileSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { quotePath } from '../../platform/bare-repository.ts'
import type { HostRepository } from '../executors/executor.ts'

/** What the `.git` of a workspace holds. */
export interface JobRepository {
  /** The commit that HEAD names; the index may be that of another one, a snapshot. Null: a branch without commits. */
  readonly head: string | null
  /** Text of `packed-refs`. */
  readonly refs: string
  readonly shallow: string | null
  /** As the job sees it. */
  readonly origin: HostRepository
  readonly objectFormat: string
}

/** Of a workspace whose `.git` is not written yet. */
export const NO_REPOSITORY: JobRepository = {
  head: '',
  refs: '',
  shallow: null,
  origin: { gitDir: '', objects: [] },
  objectFormat: '',
}

/** Whether both make the same `.git`, but for the index. */
export function sameRepository(a: JobRepository, b: JobRepository): boolean {
  return (
    a.head === b.head &&
    a.refs === b.refs &&
    a.shallow === b.shallow &&
    a.origin.gitDir === b.origin.gitDir &&
    a.origin.objects[0] === b.origin.objects[0]
  )
}

/**
 * Writes the `.git` folder that the job works with, by hand: git init would cost 2 ms. Like gitlab-runner's it has no hooks and
 * no `info`. The objects are those of the mirror. `index`: the file to copy; null: nothing is staged.
 */
export function writeJobRepository(project: string, index: string | null, repository: JobRepository): void {
  const gitDir = join(project, '.git')
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    mkdirSync(join(gitDir, folder), { recursive: true })
  const objects = repository.origin.objects[0] ?? ''
  writeFileSync(
    join(gitDir, 'objects/info/alternates'),
    `${/^[#"]|\n/.test(objects) ? quotePath(objects) : objects}\n`,
  )
  writeFileSync(join(gitDir, 'config'), configText(repository))
  writeFileSync(join(gitDir, 'packed-refs'), repository.refs)
  if (repository.shallow !== null) writeFileSync(join(gitDir, 'shallow'), repository.shallow)
  if (index !== null) copyIndex(index, join(gitDir, 'index'))
  // gitlab-runner: `init.defaultBranch` is `none`.
  writeFileSync(join(gitDir, 'HEAD'), `${repository.head ?? 'ref: refs/heads/none'}\n`)
}

/** With its time: git compares that with the files' to know which of them it must read again. */
export function copyIndex(from: string, to: string): void {
  copyFileSync(from, to)
  const { atimeMs, mtimeMs } = statSync(from)
  utimesSync(to, atimeMs / 1000, mtimeMs / 1000)
}

function configText({ origin, objectFormat }: JobRepository): string {
  const sha1 = objectFormat === 'sha1'
  return [
    '[core]',
    `\trepositoryformatversion = ${sha1 ? 0 : 1}`,
    '\tfilemode = true',
    '\tbare = false',
    '\tlogallrefupdates = true',
    ...(sha1 ? [] : ['[extensions]', `\tobjectformat = ${objectFormat}`]),
    '[fetch]',
    '\trecurseSubmodules = false',
    '[gc]',
    '\tautoDetach = false',
    '[remote "origin"]',
    `\turl = ${pathToFileURL(origin.gitDir).href}`,
    '\tfetch = +refs/heads/*:refs/remotes/origin/*',
    '',
  ].join('\n')
}
