import { readFileSync } from 'node:fs'
import type { Cron } from '../../src/shared/cron/cron.ts'
import { nextRuns } from '../../src/shared/cron/next-run.ts'
import { parseCron } from '../../src/shared/cron/parse.ts'
import { resolveTimeZone } from '../../src/shared/cron/time-zones.ts'

/** An expression, a time zone, and a start in seconds since 1970. */
export type Question = readonly [cron: string, zone: string, start: number]

/** The runs, null for a refused expression, or the error that fugit raised. */
export type Answer = readonly number[] | string | null

export interface LaterChange {
  readonly change: string
  readonly since: string
  readonly cases: readonly {
    readonly cron: string
    readonly zone: string
    readonly after: string
    readonly oracle: string | null
    readonly gitlab: string | null
  }[]
}

export interface Year {
  readonly cron: string
  readonly zone: string
  readonly from: string
  readonly runs: number
  readonly gaps: string
}

/** zone -> start -> expression -> the next three runs */
type NextRuns = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>

export const recordedRuns = (readFixture('next-runs.json') as { readonly answers: NextRuns }).answers
export const recordedYears = readFixture('years.json') as readonly Year[]
export const laterChanges = readFixture('later-changes.json') as readonly LaterChange[]

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../fixtures/cron/${name}`, import.meta.url), 'utf8'))
}

/** The expression of a text that must be good. */
export function cronOf(text: string): Cron {
  const cron = parseCron(text)
  if (!cron.ok) throw new Error(`${text}: ${cron.error.message} at ${cron.error.at}`)
  return cron.value
}

/** Our answer in the words of the oracle. */
export function answer([text, name, start]: Question, count: number): Answer {
  const cron = parseCron(text)
  const zone = resolveTimeZone(name)
  if (!cron.ok || zone === undefined) return null
  return nextRuns(cron.value, zone, start * 1000, count).map((run) => run / 1000)
}

/** `2026-11-22T12:34Z` as the fixtures write instants. */
export function written(answered: Answer): string | null {
  if (answered === null || typeof answered === 'string') return answered
  return answered.map((second) => new Date(second * 1000).toISOString().replace(':00.000', '')).join(' ')
}

export function seconds(instant: string): number {
  return Date.parse(instant) / 1000
}

/** Runs as the minutes from each to the next, repeated ones once: `90 1440*86 2820`. */
export function gapsOf(from: number, runs: readonly number[]): string {
  const groups: { minutes: number; times: number }[] = []
  for (const [index, run] of runs.entries()) {
    const minutes = (run - (runs[index - 1] ?? from)) / 60
    const last = groups.at(-1)
    if (last?.minutes === minutes) last.times += 1
    else groups.push({ minutes, times: 1 })
  }
  return groups.map(({ minutes, times }) => (times === 1 ? `${minutes}` : `${minutes}*${times}`)).join(' ')
}
