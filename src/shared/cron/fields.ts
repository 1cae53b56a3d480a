/** What one of the five (or six) places of an expression may hold. */
export interface Field {
  readonly name: string
  /** Bounds of what a step or a range without an end covers. */
  readonly low: number
  readonly high: number
  /** The largest number that may be written, where that is not `high`. */
  readonly most: number
  readonly digits: number
  /** Words and their values, in lower case. */
  readonly words: ReadonlyMap<string, number>
  /** Whether `-3` counts from the end. */
  readonly negative: boolean
  /** Whether `#2` and `%2` may follow. */
  readonly weekly: boolean
  /** Whether `&` may follow the list. */
  readonly joins: boolean
}

const NONE: ReadonlyMap<string, number> = new Map()
const PLAIN = { digits: 2, words: NONE, negative: false, weekly: false, joins: false }

const SECOND: Field = { ...PLAIN, name: 'second', low: 0, high: 59, most: 59 }
const MINUTE: Field = { ...PLAIN, name: 'minute', low: 0, high: 59, most: 59 }
/** Hour 24 is hour 0. */
const HOUR: Field = { ...PLAIN, name: 'hour', low: 0, high: 23, most: 24 }

export const MONTH_DAY: Field = {
  ...PLAIN,
  name: 'day of month',
  low: 1,
  high: 31,
  most: 31,
  words: new Map([
    ['l', -1],
    ['last', -1],
  ]),
  negative: true,
  joins: true,
}

const MONTH: Field = {
  ...PLAIN,
  name: 'month',
  low: 1,
  high: 12,
  most: 12,
  words: numbered(1, 'jan feb mar apr may jun jul aug sep oct nov dec'),
}

/** Sunday is 0 and 7. */
const WEEK_DAY: Field = {
  ...PLAIN,
  name: 'day of week',
  low: 0,
  high: 6,
  most: 7,
  digits: 1,
  words: numbered(0, 'sun mon tue wed thu fri sat'),
  weekly: true,
  joins: true,
}

/** GitLab's validation and its docs name five; its parser, fugit, also takes a sixth in front. */
export const FIVE_FIELDS: readonly Field[] = [MINUTE, HOUR, MONTH_DAY, MONTH, WEEK_DAY]
export const SIX_FIELDS: readonly Field[] = [SECOND, ...FIVE_FIELDS]

function numbered(from: number, words: string): ReadonlyMap<string, number> {
  return new Map(words.split(' ').map((word, index) => [word, from + index]))
}
