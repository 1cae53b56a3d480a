import { describe, expect, it } from 'vitest'
import type { Cron } from '../../src/shared/cron/cron.ts'
import { parseCron } from '../../src/shared/cron/parse.ts'
import { cronOf } from './cron-fixtures.ts'

const NAMES = 'minute, hour, day of month, month, day of week'

describe('what GitLab accepts', () => {
  it.each<[string, Partial<Cron>]>([
    [
      '* * * * *',
      { seconds: [0], minutes: null, hours: null, monthDays: null, months: null, weekDays: null },
    ],
    ['5/15 * * * *', { minutes: [5, 20, 35, 50] }],
    ['/15 * * * *', { minutes: [0, 15, 30, 45] }],
    ['*/90 * * * *', { minutes: [0] }],
    ['*/1 * * * *', { minutes: null }],
    ['30-10/20,07 * * * *', { minutes: [7, 10, 30, 50] }],
    ['0 22-2 * * *', { hours: [0, 1, 2, 22, 23] }],
    ['0 24 * * *', { hours: [0] }],
    ['0 22-24 * * *', { hours: [0, 22, 23] }],
    ['0 0 L,-2,15 * *', { monthDays: [-2, -1, 15] }],
    ['0 0 LAST * *', { monthDays: [-1] }],
    ['0 0 -3--1 * *', { monthDays: [-3, -2, -1] }],
    ['0 0 28-L * *', { monthDays: [28, 29, 30, 31] }],
    ['0 0 1-31 * 1', { monthDays: null }],
    ['0 0 30,31 2,4 *', { monthDays: [30], months: [4] }],
    ['0 0 1 JAN,dec *', { months: [1, 12] }],
    ['0 0 * nov-feb *', { months: [1, 2, 11, 12] }],
    ['0 0 1-7& * mon', { bothDays: true }],
    ['0 0 1-7 * mon', { bothDays: false }],
    ['*/20 0 9 * * *', { seconds: [0, 20, 40], minutes: [0], hours: [9] }],
    ['* 0 9 * * *', { seconds: null }],
    [' 0,,30\t9 , * * * ', { minutes: [0, 30], hours: [9] }],
    // GitLab: strip_attributes! :cron, with Ruby's idea of a blank.
    ['\0 \v0 9 * * *\t\r\n\0', { minutes: [0], hours: [9] }],
  ])('%j', (text, expected) => {
    expect(cronOf(text)).toMatchObject({ text, ...expected })
  })

  const every = { kind: 'every' }
  it.each<[string, [number, object][]]>([
    [
      'mon-fri',
      [
        [1, every],
        [2, every],
        [3, every],
        [4, every],
        [5, every],
      ],
    ],
    [
      'fri-mon',
      [
        [0, every],
        [1, every],
        [5, every],
        [6, every],
      ],
    ],
    ['7', [[0, every]]],
    [
      '*/3',
      [
        [0, every],
        [3, every],
        [6, every],
      ],
    ],
    ['1/2', [[1, every]]],
    ['*,wed', [[3, every]]],
    ['mon#2', [[1, { kind: 'nth', nth: 2 }]]],
    [
      'fri#-1,sat#L',
      [
        [5, { kind: 'nth', nth: -1 }],
        [6, { kind: 'nth', nth: -1 }],
      ],
    ],
    ['sun%2', [[0, { kind: 'weeks', every: 2, offset: 0 }]]],
    ['sun%12+3', [[0, { kind: 'weeks', every: 12, offset: 3 }]]],
    ['mon#3,mon#1', [[1, { kind: 'nth', nth: 1 }]]],
    ['mon#3,mon', [[1, every]]],
    ['mon%0,mon', [[1, every]]],
  ])('%s as day of week', (text, expected) => {
    expect([...(cronOf(`0 0 * * ${text}`).weekDays ?? [])].toSorted(([a], [b]) => a - b)).toEqual(expected)
  })
})

describe('what GitLab refuses', () => {
  it.each<[string, string, number]>([
    ['', 'it is empty', 0],
    ['  ', 'it is empty', 0],
    ['0 25 * * *', 'hour 25 is above 23', 2],
    ['60 * * * *', 'minute 60 is above 59', 0],
    ['0 0 0 * *', 'day of month 0 is below 1', 4],
    ['0 0 1,32 * *', 'day of month 32 is above 31', 6],
    ['0 0 -32 * *', 'day of month -32 is below -31', 4],
    ['0 0 * 13 *', 'month 13 is above 12', 6],
    ['0 0 * * 8', 'day of week 8 is above 6', 8],
    ['0 007 * * *', 'hour 007 has too many digits', 2],
    ['0 0 * * monday', '"monday" is no day of week; write mon', 8],
    ['0 0 * foo *', '"foo" is no month', 6],
    ['0 0 * * 5L', 'unexpected "L" in the day of week', 9],
    ['0 0 ? * *', 'unexpected "?" in the day of month', 4],
    ['0 1;2 * * *', 'unexpected ";" in the hour', 3],
    ['0 -1 * * *', 'unexpected "-" in the hour', 2],
    ['0 1- * * *', 'unexpected " " in the hour', 4],
    ['0 0 * * 1-', 'the day of week is not complete', 10],
    ['*/0 * * * *', 'a step of 0 never advances', 2],
    ['*/100 * * * *', 'step 100 is above 99', 2],
    ['*/x * * * *', 'a number must follow "/"', 2],
    ['0 0 * * mon#6', '"#6" is none of #1 to #5, #-1 to #-5 and #L', 11],
    ['0 0 * * mon%', 'a number of weeks must follow "%"', 12],
    ['0 0 * * mon%0', '"%0" is no number of weeks', 8],
    ['0 0 * * tue,mon%0', '"%0" is no number of weeks', 12],
    ['0 0 * * mon#1,mon%2', 'one weekday cannot have both "#" and "%"', 8],
    ['0 0 -5-3 * *', 'a range cannot lead from -5, counted from the end of the month, to 3', 4],
    ['0 0 30 2 *', 'day of month 30 never comes in the months given', 4],
    ['0 0 31 2,4,6,9,11 mon', 'day of month 31 never comes in the months given', 4],
    ['0 9 * *', `it has 4 fields instead of 5 (${NAMES})`, 7],
    ['invalid_cron', `it has 1 field instead of 5 (${NAMES})`, 12],
    ['0 0 0 9 * * *', `it has 7 fields instead of 5 (${NAMES})`, 10],
    ['*********', `it has 1 field instead of 5 (${NAMES})`, 9],
    ["'0 * * * *'", 'unexpected "\'" in the minute', 0],
    ['0 9 * * * Europe/Berlin', 'the time zone "Europe/Berlin" does not belong to the cron expression', 10],
    ['0 9 * *\n*', 'a line break does not part fields', 7],
    ['\u00a00 9 * * *', 'unexpected "\u00a0" in the minute', 0],
    ['0 9 * * *\u00a0', 'unexpected "\u00a0" in the day of week', 9],
    ['0 9 * * *\u3000', 'unexpected "\u3000" in the day of week', 9],
    ['\n0 99 * * *\n', 'hour 99 is above 23', 3],
    ['@daily', 'GitLab does not accept "@daily": write "0 0 * * *"', 0],
    ['@reboot', 'GitLab does not accept "@reboot": five fields are needed', 0],
    ['every 3h', `it has 2 fields instead of 5 (${NAMES})`, 8],
  ])('%j: %s', (text, message, at) => {
    expect(parseCron(text)).toEqual({ ok: false, error: { message, at } })
  })

  it('at once, however long it is', () => {
    const started = performance.now()
    for (const text of [
      `${','.repeat(50_000)}x`,
      `0 0 * * ${'mon#1,'.repeat(50_000)}x`,
      `${' ,'.repeat(50_000)} x`,
      '1'.repeat(100_000),
    ])
      expect(parseCron(text).ok).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000) // some 100 ms, with room for a busy machine
  })
})
