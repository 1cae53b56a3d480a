/** What happens with the times that passed while nobody looked: one run for all of them, none, or each. */
export const MISSED_POLICIES = ['once', 'skip', 'all'] as const

export type MissedPolicy = (typeof MISSED_POLICIES)[number]

/** A row of `schedules`. Times are milliseconds since the epoch. */
export interface Schedule {
  readonly id: number
  readonly projectId: number
  readonly description: string
  /** In full where it was there when the schedule was saved: `refs/heads/main`. */
  readonly ref: string
  /** As written, in GitLab's grammar. */
  readonly cron: string
  /** As written: an IANA name, a name of Rails, or an offset. */
  readonly timezone: string
  readonly active: boolean
  /** Whom its pipelines run as; null: the user was removed, and nothing runs. */
  readonly ownerId: number | null
  /** Values for `spec:inputs`. */
  readonly inputs: Readonly<Record<string, unknown>>
  readonly missed: MissedPolicy
  /** Null when there is none within some decades. */
  readonly nextRunAt: number | null
  /** The planned instant that was looked at last. */
  readonly lastRunAt: number | null
  /** Why that one made no pipeline; null when it did. */
  readonly lastError: string | null
  /** How many planned instants of the last look had passed without a run of their own. */
  readonly missedRuns: number
  /** `runner.config.yaml:12:7`; null: made through API, page or command. */
  readonly declaredAt: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

export interface ScheduleVariable {
  readonly key: string
  readonly value: string
  readonly type: 'env_var' | 'file'
  readonly raw: boolean
}
