// Bare repositories of our own, written by hand: `git init` costs some milliseconds, this a fraction of one.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { isMissing } from './files.ts'
import { randomToken } from './random.ts'

export interface BareRepository {
  readonly gitDir: string
  readonly objectFormat: string
  /** The branch that HEAD names; an existing HEAD stays when undefined. */
  readonly branch: string | undefined
}

/**
 * Makes a bare repository, or puts right what is missing in one. Several processes may do so at once: every file is replaced
 * whole, and HEAD, which makes a folder a repository, comes last.
 */
export function writeBareRepository(repository: BareRepository): void {
  const { gitDir } = repository
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags'])
    mkdirSync(join(gitDir, folder), { recursive: true })
  writeIfDifferent(join(gitDir, 'config'), configText(repository.objectFormat))
  const head = join(gitDir, 'HEAD')
  if (repository.branch !== undefined) writeIfDifferent(head, `ref: refs/heads/${repository.branch}\n`)
  else if (readText(head) === undefined) writeIfDifferent(head, 'ref: refs/heads/main\n')
}

/** Lets a repository use the objects of others: `objects/info/alternates`. */
export function writeAlternates(gitDir: string, objectFolders: readonly string[]): void {
  const lines = objectFolders.map((folder) => `${/^[#"]|\n/.test(folder) ? quotePath(folder) : folder}\n`)
  writeIfDifferent(join(gitDir, 'objects/info/alternates'), lines.join(''))
}

/** A path in C's quotes, as git reads it in `alternates` and in GIT_ALTERNATE_OBJECT_DIRECTORIES, where a colon would end it. */
export function quotePath(path: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `"${escaped}"`
}

/** Where a git directory keeps objects and refs: itself, or for a linked work tree what its `commondir` names. */
export function commonDirOf(gitDir: string): string {
  const common = readText(join(gitDir, 'commondir'))?.replace(/\n$/, '')
  if (common === undefined) return gitDir
  return isAbsolute(common) ? common : resolve(gitDir, common)
}

/** `sha1` or `sha256`, from the repository's configuration file. */
export function objectFormatOf(commonDir: string): string {
  const config = readText(join(commonDir, 'config')) ?? ''
  const extensions = config.split(/^\s*(?=\[)/m).filter((section) => /^\[extensions\]/i.test(section))
  return (
    extensions
      .flatMap((section) => /^\s*(?:\[extensions\]\s*)?objectformat\s*=\s*"?(\w+)/im.exec(section)?.[1] ?? [])
      .at(-1)
      ?.toLowerCase() ?? 'sha1'
  )
}

/** Replaces a file atomically unless it has that content already; null removes it. */
export function writeIfDifferent(path: string, content: string | null): void {
  if (content === null) return rmSync(path, { force: true })
  if (readText(path) === content) return
  const temporary = `${path}.${randomToken('', 6)}.lock`
  writeFileSync(temporary, content, { flag: 'wx' })
  renameSync(temporary, path)
}

/** Undefined when there is no such file. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** No packing of refs and no cleaning behind our back: pins are files that we write, and we say when to tidy. */
function configText(objectFormat: string): string {
  const sha1 = objectFormat === 'sha1'
  const core = `[core]\n\trepositoryformatversion = ${sha1 ? 0 : 1}\n\tfilemode = true\n\tbare = true\n`
  return `${core}[gc]\n\tauto = 0\n\tpackRefs = false\n${sha1 ? '' : `[extensions]\n\tobjectformat = ${objectFormat}\n`}`
}

/** Begins the names of folders in a repository of ours that hold what is being written. */
export const incomingPrefix = 'incoming-'
