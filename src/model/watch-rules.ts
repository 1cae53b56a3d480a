/** Which branches and tags start a pipeline when they move: all, none, or those whose short name a pattern matches. */
export interface WatchRules {
  readonly branches: WatchedRefs
  readonly tags: WatchedRefs
  /** Saves in the work tree make pipelines too, of its files as they are. */
  readonly workingTree?: boolean
}

/** Patterns are names, names with `*`, or `/regular expressions/`. */
export type WatchedRefs = 'all' | 'none' | readonly string[]

/** What is watched when nothing is said. */
export const WATCH_ALL: WatchRules = { branches: 'all', tags: 'all' }
