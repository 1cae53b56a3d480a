/** When a weekday counts: always, only the nth of its month, or only in some weeks. */
export type WeekRule =
  | { readonly kind: 'every' }
  /** 1 to 5 from the start of the month, -1 to -5 from its end. */
  | { readonly kind: 'nth'; readonly nth: number }
  /** Weeks whose number, counted from 2019, leaves the same rest as `offset`. */
  | { readonly kind: 'weeks'; readonly every: number; readonly offset: number }

/** A cron expression that GitLab accepts. Lists are sorted; null is every value. */
export interface Cron {
  /** As it was written. */
  readonly text: string
  /** `[0]` unless a sixth field, in front, was written. */
  readonly seconds: readonly number[] | null
  readonly minutes: readonly number[] | null
  readonly hours: readonly number[] | null
  /** 1 to 31, or -1 for a month's last day, -2 for the one before. */
  readonly monthDays: readonly number[] | null
  readonly months: readonly number[] | null
  /** By weekday, 0 is Sunday. */
  readonly weekDays: ReadonlyMap<number, WeekRule> | null
  /** With both kinds of days given: whether a day must satisfy both (`&`) or one of them. */
  readonly bothDays: boolean
}

/** What is wrong with an expression, and the UTF-16 offset in it. */
export interface CronProblem {
  readonly message: string
  readonly at: number
}
