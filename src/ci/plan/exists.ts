import { fnmatch } from '../../shared/fnmatch.ts'
import type { ExistsConfig } from '../config.ts'
import { matches } from '../expression/pattern.ts'
import { expandExisting } from '../variables/expand.ts'
import { MOST_COMPARISONS, remembered } from './changes.ts'
import type { PathAnswer, PathPlanning } from './context.ts'
import { patternOf } from './patterns.ts'
import type { Scope } from './scope.ts'

/** Whether a file of the commit's tree fits `rules:exists`. */
export function decideExists(
  exists: ExistsConfig,
  scope: Scope,
  planning: PathPlanning,
): PathAnswer | { readonly error: string } {
  const foreign = foreignProject(exists, scope, planning)
  if (foreign !== null)
    return { error: `rules:exists:project \`${foreign}\` not found or access denied` }
  const files = planning.facts.treePaths ?? []
  const { regexp } = exists
  if (regexp !== null) {
    return remembered(`exists~${regexp}`, planning, () => {
      const pattern = patternOf(regexp, planning)
      const file = pattern && files.find((candidate) => matches(pattern, candidate))
      return file === undefined ? nothing : { matched: true, detail: `${file} fits ${regexp}` }
    })
  }
  const globs = exists.paths.map((path) => expandExisting(path, (name) => scope.get(name)))
  return remembered(`exists:${globs.join('\0')}`, planning, () => byGlobs(globs, files))
}

/** The project asked for, when it is another one, whose files are not at hand. */
function foreignProject({ project }: ExistsConfig, scope: Scope, { facts }: PathPlanning): string | null {
  if (project === null) return null
  const path = expandExisting(project, (name) => scope.get(name))
  return path === facts.projectFullPath ? null : path
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
