import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatGoDuration, parseDuration } from '../../src/shared/chronic-duration.ts'
import { askRuby, hasRuby } from '../oracles/ruby.ts'
import { readJsonTable } from '../oracles/table.ts'

const recorded = readJsonTable('duration.json') as [string, number | null][]

/** Ruby counts in whole numbers of any size; beyond 2^53 the first twelve digits must do. */
function digits(seconds: number | null): string {
  return seconds === null ? 'null' : seconds.toPrecision(12)
}

describe('a duration', () => {
  it.each([
    ['42', 42],
    ['3 mins 4 sec', 184],
    ['2h20min', 8400],
    ['3h 30m', 12600],
    ['1:30', 90],
    ['1:30:00', 5400],
    ['1.5 hours', 5400],
    ['1 week', 604800],
    ['one week', 604800],
    ['1 month', 2592000],
    ['6 mos 1 day', 15638400],
    ['1 year', 31557600],
    ['47 yrs 6 mos and 4d', 1499104800],
    ['3 weeks and 2 days', 1987200],
    ['one hundred hours', 360000],
    ['5 min 10', 310],
    ['never', null],
    ['7 elephants', null],
    ['1 fortnight', null],
    ['a week', null],
    ['half an hour', null],
    ['10 seconds ago', null],
    ['-1', null],
    ['0', null],
    ['', null],
    ['0 seconds', null],
  ])('GitLab: %j is %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each(recorded)('%j is what the gem says', (text, seconds) => {
    expect(digits(parseDuration(text))).toBe(digits(seconds))
  })

  const live = hasRuby('gitlab_chronic_duration')

  it.runIf(live)(
    'the recorded answers are those of the gem on this machine',
    () => {
      expect(
        askRuby(
          'duration.rb',
          recorded.map(([text]) => text),
        ),
      ).toEqual(recorded.map(([, seconds]) => seconds))
    },
    60_000,
  )

  it.runIf(live)(
    'agrees with the gem on random texts',
    () => {
      const words = [
        '1',
        '2',
        '30',
        '1.5',
        '.5',
        '0',
        '007',
        'one',
        'two',
        'five',
        'ten',
        'eleven',
        'twenty',
        'fifty',
        'twentytwo',
        'hundred',
        'thousand',
        'million',
        'half',
        'quarter',
        'thirds',
        'third',
        'first',
        'tenth',
        '1/2',
        '3/4',
        '/',
        'a',
        'and',
        'with',
        'plus',
        ',',
        '-',
        ':',
        '.',
        's',
        'sec',
        'min',
        'minutes',
        'h',
        'hour',
        'hours',
        'd',
        'days',
        'w',
        'weeks',
        'mo',
        'month',
        'y',
        'years',
        'x',
        'é',
        '\n',
      ]
      const word = fc.constantFrom(...words)
      const text = fc
        .array(fc.tuple(word, fc.constantFrom(' ', ' ', '', '  ', '-')), { maxLength: 8 })
        .map((pairs) => pairs.flat().join(''))
      const texts = fc.sample(text, { numRuns: 500, seed: 1 })
      const answers = askRuby('duration.rb', texts) as (number | null)[]
      expect(texts.map((one) => [one, digits(parseDuration(one))])).toEqual(
        texts.map((one, index) => [one, digits(answers[index] ?? null)]),
      )
    },
    60_000,
  )

  it('is never looked for in a long text', () => {
    expect(parseDuration(`${' '.repeat(2000)}5 min`)).toBeNull()
    const started = performance.now()
    parseDuration('one and '.repeat(120))
    expect(performance.now() - started).toBeLessThan(250)
  })
})

describe('a duration as Go prints it', () => {
  it.each([
    [0, '0s'],
    [5, '5s'],
    [59, '59s'],
    [60, '1m0s'],
    [90, '1m30s'],
    [3600, '1h0m0s'],
    [3661.5, '1h1m1.5s'],
    [604800, '168h0m0s'],
    [1.25, '1.25s'],
    [0.3, '300ms'],
    [0.0015, '1.5ms'],
    [0.000_002, '2µs'],
    [0.000_000_007, '7ns'],
    [-90, '-1m30s'],
  ])('%s seconds are %s', (seconds, text) => {
    expect(formatGoDuration(seconds)).toBe(text)
  })
})
