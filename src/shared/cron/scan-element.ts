import { err, ok, type Result } from '../result.ts'
import type { CronProblem } from './cron.ts'
import type { Field } from './fields.ts'
import { skip, unexpected } from './scan-text.ts'

/** One item of a field's list: `*`, `5`, `5-9`, `*' + '/2`, `mon#2`, `sun%2+1`. */
export interface Element {
  /** Offset of its first character. */
  readonly at: number
  readonly first: number | null
  readonly last: number | null
  readonly step: number | null
  readonly nth: number | null
  readonly weeks: { readonly every: number; readonly offset: number } | null
}
