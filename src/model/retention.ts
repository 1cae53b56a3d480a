const DAY_MS = 24 * 3_600_000
const GIB = 1024 ** 3

/** How much of a project's past is kept; `retention:` in the configuration. `Infinity`: there is no bound. */
export interface RetentionRules {
  /** Whole pipelines, with their jobs, logs and artifacts; `bytes`: of their logs and artifacts. */
  readonly pipelines: { readonly ageMs: number; readonly count: number; readonly bytes: number }
  readonly logs: { readonly ageMs: number; readonly bytes: number }
  readonly artifacts: { readonly ageMs: number; readonly bytes: number }
  /** `ageMs`: since a cache was last used. */
  readonly caches: { readonly ageMs: number; readonly bytes: number }
  readonly deliveries: { readonly ageMs: number; readonly count: number; readonly bytes: number }
  /** The newest so many pipelines of each branch and tag stay, whatever the bounds say. */
  readonly keepN: number
  /** The newest success of each branch and tag stays. */
  readonly keepLatestSuccess: boolean
  /** Other numbers for some branches and tags; the first that fits counts. */
  readonly keep: readonly { readonly ref: string; readonly keepN: number }[]
}

/** The parts of the past that have bounds of their own. */
export const RETENTION_PARTS = ['pipelines', 'logs', 'artifacts', 'caches', 'deliveries'] as const

export const DEFAULT_RETENTION: RetentionRules = {
  pipelines: { ageMs: 365 * DAY_MS, count: 100_000, bytes: Infinity },
  logs: { ageMs: Infinity, bytes: 20 * GIB },
  artifacts: { ageMs: Infinity, bytes: 50 * GIB },
  caches: { ageMs: 90 * DAY_MS, bytes: Infinity },
  deliveries: { ageMs: Infinity, count: Infinity, bytes: Infinity },
  keepN: 1,
  keepLatestSuccess: true,
  keep: [],
}
