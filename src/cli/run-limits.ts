/** What `sluice run` keeps of a repository's past, pruned after the summary. */
export const RUN_LIMITS = {
  pipelines: 20,
  /** Logs and artifacts together. */
  bytes: 1024 ** 3,
} as const

/** Untracked files beyond this size are left out of a snapshot, with one notice. */
export const SNAPSHOT_LIMIT_BYTES = 100 * 1024 ** 2
