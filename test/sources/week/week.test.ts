// A week of a living daemon in less than a minute: `SLUICE_WEEK_SEEDS=7,8,9` plays other weeks.
import { afterEach, describe, expect, it } from 'vitest'
import { askRuby, hasRuby } from '../../oracles/ruby.ts'
import { gapsOf, seconds } from '../../shared/cron-fixtures.ts'
import { checkWeek } from './audit.ts'
import { killChildren } from './child.ts'
import { recordedWeek } from './model.ts'
import { randomFrom } from '../../support/random.ts'
import { playWeek } from './script.ts'
import { makeWeek } from './week.ts'

const SEEDS = (process.env['SLUICE_WEEK_SEEDS'] ?? '20260328').split(',').map(Number)

afterEach(killChildren)

describe('a week', () => {
  it.each(SEEDS)(
    'leaves nothing out and nothing twice (SLUICE_WEEK_SEEDS=%i)',
    { timeout: 300_000 },
    async (seed) => {
      const week = await makeWeek()
      await playWeek(week, randomFrom(seed))
      await week.stop()
      checkWeek(week)
      expect(week.seen.size).toBeGreaterThan(800)
    },
  )

  it.runIf(hasRuby('fugit'))('has the instants that this machine’s fugit says', { timeout: 60_000 }, () => {
    const asked = recordedWeek.map(({ cron, zone, from, runs }) => [cron, zone, seconds(from), runs])
    const answers = askRuby('fugit.rb', asked) as number[][]
    expect(answers.map((runs, index) => gapsOf(seconds(recordedWeek[index]?.from ?? ''), runs))).toEqual(
      recordedWeek.map(({ gaps }) => gaps),
    )
  })
})
