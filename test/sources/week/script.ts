// What happens in the week: acts that must all come, in their order and at moments of a seed, and much that comes by chance in between.
import { acts } from './acts.ts'
import { checkRetention } from './audit.ts'
import { changeRepository } from './changes.ts'
import type { Random } from '../../support/random.ts'
import { DAY, HOUR, MINUTE, START, type Week } from './week.ts'

interface Act {
  readonly at: number
  readonly name: string
  run(week: Week): Promise<void>
}

const DAYS = 7
const CHANGES_A_DAY = 12

function timetable(random: Random): Act[] {
  const fixed = acts.map(([from, to, name, run]): Act => ({
    at: START + (from + random() * (to - from)) * HOUR,
    name,
    run: (week) => run(week, random),
  }))
  const daily = Array.from({ length: DAYS }, (_, day): Act => ({
    at: START + day * DAY + 20 * HOUR,
    name: 'daily upkeep',
    async run(week) {
      await week.child().ask({ do: 'upkeep' })
      await week.settle()
      checkRetention(week)
    },
  }))
  const changes = Array.from({ length: DAYS * CHANGES_A_DAY }, (): Act => {
    const id = 1 + Math.floor(random() * 5)
    return {
      at: START + random() * DAYS * DAY,
      name: `change of repository ${id}`,
      async run(week) {
        if (!week.project(id).present) return
        changeRepository(week, id, random)
        await week.goTo(week.now() + MINUTE)
        await week.settle()
      },
    }
  })
  return [...fixed, ...daily, ...changes].toSorted((a, b) => a.at - b.at)
}

/** Plays the week. Where it fails, the act is in the message. */
export async function playWeek(week: Week, random: Random): Promise<void> {
  for (const act of timetable(random)) {
    const at = START + Math.round((act.at - START) / MINUTE) * MINUTE
    try {
      await week.goTo(at)
      await act.run(week)
    } catch (error) {
      const when = new Date(week.now()).toISOString()
      throw new Error(`${act.name} at ${when}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
  await week.goTo(START + DAYS * DAY)
  await week.settle()
}
