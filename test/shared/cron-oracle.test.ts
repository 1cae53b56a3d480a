import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IANA_TIME_ZONES } from '../../src/shared/cron/iana-time-zones.ts'
import { askRuby, hasRuby } from '../oracles/ruby.ts'
import {
  answer,
  gapsOf,
  laterChanges,
  recordedRuns,
  recordedYears,
  seconds,
  written,
  type Answer,
  type Question,
} from './cron-fixtures.ts'

/** Fixed, so that a run without changes has no surprises; another number tries other expressions. */
const seed = 1
const PATIENCE = 60_000

function ask(questions: readonly Question[], count: number): readonly Answer[] {
  return askRuby(
    'fugit.rb',
    questions.map((question) => [...question, count]),
  ) as Answer[]
}

/** Where fugit raises an error, we refuse, or find nothing more. */
function agree(oracle: Answer, ours: Answer, count: number): boolean {
  if (typeof oracle === 'string') return ours === null || ours.length < count
  return JSON.stringify(oracle) === JSON.stringify(ours)
}

const minute = fc.oneof(fc.integer({ min: 0, max: 61 }).map(String), fc.constantFrom('00', '07', '59', 'x'))
const hour = fc.oneof(fc.integer({ min: 0, max: 25 }).map(String), fc.constantFrom('00', '09', '24'))
const monthDay = fc.oneof(
  fc.integer({ min: -32, max: 32 }).map(String),
  fc.constantFrom('L', 'last', '01', '-1', '0'),
)
const month = fc.oneof(
  fc.integer({ min: 0, max: 13 }).map(String),
  fc.constantFrom('jan', 'FEB', 'nov', '09'),
)
const weekDay = fc.oneof(
  fc.integer({ min: 0, max: 8 }).map(String),
  fc.constantFrom('sun', 'Mon', 'FRI', 'sat', 'sunday'),
)
const weekly = fc
  .tuple(
    weekDay,
    fc.constantFrom('#1', '#2', '#5', '#-1', '#L', '#last', '#-3', '#6', '%2', '%3', '%4', '%2+1'),
  )
  .map((parts) => parts.join(''))

function list(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const step = fc.integer({ min: 2, max: 110 }).map((number) => `/${number}`)
  const bare = fc.oneof(
    fc.constant('*'),
    value,
    value,
    fc.tuple(value, value).map((pair) => pair.join('-')),
  )
  const item = fc.oneof(
    bare,
    bare,
    fc.tuple(fc.oneof(bare, fc.constant('')), step).map((parts) => parts.join('')),
  )
  return fc.oneof(
    fc.constant('*'),
    fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(',')),
  )
}

const start = fc.integer({ min: seconds('2017-01-01T00:00Z'), max: seconds('2026-11-22T00:00Z') })

/** Expressions that no later change touches (fixtures/cron/later-changes.json), good and bad. */
function randomQuestions(days: fc.Arbitrary<string>, zones: readonly string[], numRuns: number): Question[] {
  const fields = fc
    .tuple(list(minute), list(hour), list(monthDay), list(month), days)
    .map((parts) => parts.join(' '))
  const spoilt = fc.oneof(
    { weight: 9, arbitrary: fields },
    fields.map((text) => `30 ${text}`),
    fields.map((text) => text.replace(' ', ' ?')),
  )
  const rangeOverEverything = /\b0?1-(?:31|l|last|-\d+)\b/i
  return fc
    .sample(fc.tuple(spoilt, fc.constantFrom(...zones), start), { numRuns, seed })
    .filter(([text]) => !rangeOverEverything.test(text))
}

describe.runIf(hasRuby('fugit'))('this machine’s fugit', () => {
  // Every eleventh: all of them take Ruby a minute.
  it('gives the recorded next runs', { timeout: PATIENCE }, () => {
    const rows = Object.entries(recordedRuns).flatMap(([zone, starts]) =>
      Object.entries(starts).flatMap(([after, answers]) =>
        Object.entries(answers).map(([cron, runs]) => ({ cron, zone, after, runs })),
      ),
    )
    const some = rows.filter((_, index) => index % 11 === 0)
    const answers = ask(
      some.map(({ cron, zone, after }) => [cron, zone, seconds(after)]),
      3,
    )
    expect(answers.map(written)).toEqual(some.map(({ runs }) => runs))
  })

  it('gives the recorded years of weekly and monthly schedules', { timeout: PATIENCE }, () => {
    const years = recordedYears.filter(({ runs }) => runs < 55)
    const asked = years.map(({ cron, zone, from, runs }) => [cron, zone, seconds(from), runs])
    const answers = askRuby('fugit.rb', asked) as number[][]
    expect(answers.map((runs, index) => gapsOf(seconds(years[index]?.from ?? ''), runs))).toEqual(
      years.map(({ gaps }) => gaps),
    )
  })

  it('gives the recorded older answers', { timeout: PATIENCE }, () => {
    const cases = laterChanges.flatMap((change) => change.cases)
    const answers = ask(
      cases.map(({ cron, zone, after }) => [cron, zone, seconds(after)]),
      3,
    )
    expect(answers.map(written)).toEqual(cases.map(({ oracle }) => oracle))
  })

  it('agrees on random expressions', { timeout: PATIENCE }, () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
      'Asia/Kathmandu',
      'America/Santiago',
      '+05:30',
    ]
    const asked = randomQuestions(list(weekDay), zones, 3000)
    const answers = ask(asked, 3)
    expect(asked.filter((question, index) => !agree(answers[index] ?? null, answer(question, 3), 3))).toEqual(
      [],
    )
    expect(answers.filter(Array.isArray).length).toBeGreaterThan(200)
  })

  it('agrees on random weeks', { timeout: PATIENCE }, () => {
    const days = fc
      .array(fc.oneof(weekly, weekly, weekDay), { minLength: 1, maxLength: 3 })
      .map((items) => items.join(','))
    const asked = randomQuestions(days, ['UTC', 'Asia/Kathmandu', '-03:00'], 2000)
    const answers = ask(asked, 3)
    expect(asked.filter((question, index) => !agree(answers[index] ?? null, answer(question, 3), 3))).toEqual(
      [],
    )
    expect(answers.filter(Array.isArray).length).toBeGreaterThan(100)
  })

  it('knows the time zones that we know', { timeout: PATIENCE }, () => {
    const names = [
      ...IANA_TIME_ZONES.trim().split(/\s+/),
      '+05:30',
      '-0330',
      '+12:00',
      'europe/berlin',
      'utc',
      'Invalid-zone',
      '+05:20',
    ]
    const asked = names.map((name): Question => ['0 12 * * *', name, seconds('2020-07-01T00:00Z')])
    const answers = ask(asked, 1)
    expect(asked.filter((question, index) => !agree(answers[index] ?? null, answer(question, 1), 1))).toEqual(
      [],
    )
  })
})
