import { fnmatch } from '../../shared/fnmatch.ts'
import type { ChangesConfig } from '../config.ts'
import { matches } from '../expression/pattern.ts'
import { expandExisting } from '../variables/expand.ts'
import type { PathAnswer, PathPlanning } from './context.ts'
import { patternOf } from './patterns.ts'
import type { Scope } from './scope.ts'

/** Above this many comparisons GitLab takes the clause for true. */
export const MOST_COMPARISONS = 50_000

const NO_BASE: PathAnswer = {
  matched: true,
  detail: 'there is no earlier commit to compare with, so changes is true',
}

/** Whether a changed path fits; an error text when `compare_to` names nothing. */
export function decideChanges(
  changes: ChangesConfig,
  scope: Scope,
  planning: PathPlanning,
): PathAnswer | { readonly error: string } {
  const { changedPaths, compared } = planning.facts
  const since =
    changes.compareTo === null ? null : expandExisting(changes.compareTo, (name) => scope.get(name))
  const paths = since === null ? changedPaths : compared?.get(since)
  if (paths === null && since !== null) return { error: 'rules:changes:compare_to is not a valid ref' }
  if (paths === null || paths === undefined) return NO_BASE
  const { regexp } = changes
  if (regexp !== null)
    return remembered(`changes~${since ?? ''}\0${regexp}`, planning, () => byRegexp(regexp, paths, planning))
  return byExpandedGlobs(changes.paths, { paths, since: since ?? '' }, scope, planning)
}

/** `only:changes` and `except:changes`. */
export function decideGlobs(globs: readonly string[], scope: Scope, planning: PathPlanning): PathAnswer {
  const { changedPaths } = planning.facts
  return changedPaths === null
    ? NO_BASE
    : byExpandedGlobs(globs, { paths: changedPaths, since: '' }, scope, planning)
}

function byExpandedGlobs(
  globs: readonly string[],
  diff: { readonly paths: readonly string[]; readonly since: string },
  scope: Scope,
  planning: PathPlanning,
): PathAnswer {
  const expanded = globs.map((glob) => expandExisting(glob, (name) => scope.get(name)))
  return remembered(`changes:${diff.since}\0${expanded.join('\0')}`, planning, () =>
    byGlobs(expanded, diff.paths),
  )
}

/** An answer by what was asked: many jobs ask the same. */
export function remembered(key: string, { pathAnswers }: PathPlanning, decide: () => PathAnswer): PathAnswer {
  const known = pathAnswers.get(key)
  if (known !== undefined) return known
  const answer = decide()
  pathAnswers.set(key, answer)
  return answer
}

function byGlobs(globs: readonly string[], paths: readonly string[]): PathAnswer {
  if (globs.length * paths.length > MOST_COMPARISONS) {
    return {
      matched: true,
      detail: `${globs.length} patterns and ${paths.length} changed paths are too many to compare, so changes is true`,
    }
  }
  for (const path of paths) {
    const glob = globs.find((candidate) => fnmatch(candidate, path))
    if (glob !== undefined) return { matched: true, detail: `${path} fits ${glob}` }
  }
  return { matched: false, detail: noneOf(paths) }
}

function byRegexp(source: string, paths: readonly string[], planning: PathPlanning): PathAnswer {
  const pattern = patternOf(source, planning)
  const path = pattern && paths.find((candidate) => matches(pattern, candidate))
  return path === undefined
    ? { matched: false, detail: noneOf(paths) }
    : { matched: true, detail: `${path} fits ${source}` }
}

function noneOf(paths: readonly string[]): string {
  if (paths.length === 0) return 'nothing changed'
  const shown = paths.slice(0, 3).join(', ')
  return paths.length <= 3
    ? `only ${shown} changed`
    : `none of ${paths.length} changed paths fits (${shown} …)`
}
