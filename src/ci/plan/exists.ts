import { fnmatch } from '../../shared/fnmatch.ts'
import type { ExistsConfig } from '../config.ts'
import { matches } from '../expression/pattern.ts'
import { expandExisting } from '../variables/expand.ts'
import { nestedLookup } from '../variables/nested-lookup.ts'
import { MOST_COMPARISONS, remembered } from './changes.ts'
import type { PathAnswer, PathPlanning } from './context.ts'
import { foreignKey, foreignProjectOf } from './foreign-trees.ts'
import { patternOf } from './patterns.ts'
import type { Scope } from './scope.ts'

/** Whether a file of the commit's tree fits `rules:exists`. */
export function decideExists(
  exists: ExistsConfig,
  scope: Scope,
  planning: PathPlanning,
): PathAnswer | { readonly error: string; readonly help: string | null } {
  const place = placeOf(exists, scope, planning)
  if ('error' in place) return place
  const { files, key } = place
  const { regexp } = exists
  if (regexp !== null) {
    return remembered(`exists~${key}\0${regexp}`, planning, () => {
      const pattern = patternOf(regexp, planning)
      const file = pattern && files.find((candidate) => matches(pattern, candidate))
      return file === undefined ? nothing : { matched: true, detail: `${file} fits ${regexp}` }
    })
  }
  const lookup = nestedLookup(
    (name) => scope.get(name),
    (name) => scope.raw.has(name),
  )
  const globs = exists.paths.map((path) => expandExisting(path, lookup))
  return remembered(`exists:${key}\0${globs.join('\0')}`, planning, () => byGlobs(globs, files))
}

interface Place {
  readonly files: readonly string[]
  /** Tells one place from another. */
  readonly key: string
}

/** GitLab: the commit of the pipeline, or the other project that the clause names (its own one too, at another ref). */
function placeOf(
  exists: ExistsConfig,
  scope: Scope,
  { facts }: PathPlanning,
): Place | { readonly error: string; readonly help: string | null } {
  const own: Place = { files: facts.treePaths ?? [], key: '' }
  const foreign = foreignProjectOf(exists, scope)
  if (foreign === null) return own
  const { project, ref } = foreign
  const key = foreignKey(foreign)
  const found = facts.foreign?.get(key)
  if (found === undefined && project === facts.projectFullPath) return own
  if (found?.kind === 'files') return { files: found.paths, key }
  const error =
    found?.kind === 'no_ref'
      ? `rules:exists:ref \`${ref ?? 'HEAD'}\` is not a valid ref in project \`${project}\``
      : `rules:exists:project \`${project}\` not found or access denied`
  return { error, help: found?.help ?? null }
}

const nothing: PathAnswer = { matched: false, detail: 'no such file in the commit' }

/**
 * GitLab's kinds: a literal path, a directory (`docs/`), an ending (`**` + `/*.ext`), and all others by
 * fnmatch.
 */
function byGlobs(globs: readonly string[], files: readonly string[]): PathAnswer {
  const general: string[] = []
  for (const glob of globs) {
    const test = quickTest(glob)
    if (test === undefined) {
      general.push(glob)
      continue
    }
    const file = files.find(test)
    if (file !== undefined) return { matched: true, detail: `${file} fits ${glob}` }
  }
  if (general.length * files.length > MOST_COMPARISONS) {
    return {
      matched: true,
      detail: `${general.length} patterns and ${files.length} files are too many to compare, so exists is true`,
    }
  }
  for (const glob of general) {
    const file = files.find((candidate) => fnmatch(glob, candidate))
    if (file !== undefined) return { matched: true, detail: `${file} fits ${glob}` }
  }
  return nothing
}

function quickTest(glob: string): ((file: string) => boolean) | undefined {
  const plain = (text: string): boolean => !/[*?[{]/.test(text)
  if (glob.endsWith('/') && plain(glob)) return (file) => file.startsWith(glob)
  if (plain(glob)) return (file) => file === glob
  if (!glob.startsWith('**/*.')) return undefined
  const ending = glob.slice('**/*'.length)
  return plain(ending) && !ending.includes('/') ? (file) => file.endsWith(ending) : undefined
}
