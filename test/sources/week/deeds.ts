// What people and machines do to a daemon.
import { join } from 'node:path'
import { expect } from 'vitest'
import { backUp } from '../../../src/app/backup.ts'
import { restore } from '../../../src/app/restore.ts'
import { folderState } from '../../support/folder-state.ts'
import { checkSameRows, dumpOf } from './audit.ts'
import { changeRepository } from './changes.ts'
import type { Random } from '../../support/random.ts'
import { MINUTE, type Week } from './week.ts'

/** The row of a declared schedule, which nobody may change but the file. */
export async function tryToChangeDeclared(week: Week): Promise<void> {
  const often = week.model.schedule(1, 'often').id ?? 0
  const before = dumpOf(week.rows, ['schedules', 'triggers'])
  const path = `/projects/1/pipeline_schedules/${often}`
  for (const [method, body] of [
    ['PUT', { cron: '* * * * *' }],
    ['DELETE', undefined],
  ] as const)
    expect([method, (await week.api(method, path, body)).status]).toEqual([method, 403])
  const [trigger] = week.rows<{ id: number }>(
    "select id from triggers where description = 'deployer' and revoked_at is null",
  )
  if (trigger)
    expect((await week.api('PUT', `/projects/3/triggers/${trigger.id}`, { description: 'x' })).status).toBe(
      403,
    )
  expect(dumpOf(week.rows, ['schedules', 'triggers'])).toEqual(before)
}

/** A schedule of the file is another one from now on. */
export function changeSchedule(
  project: number,
  description: string,
  change: object,
): (week: Week, how: 'reload' | 'watched') => Promise<void> {
  return (week, how) =>
    week.configure(how, () => {
      const found = week.entry(project).schedules.find((each) => each.description === description)
      if (!found) throw new Error(`${description} is not in the settings`)
      Object.assign(found, change)
    })
}

/** A backup of the daemon at work, restored beside it: the same rows and the same files. */
export async function backUpAndCompare(week: Week): Promise<void> {
  const { state, folder } = week
  // What is being removed would be in one of them and not in the other.
  await week.child().ask({ do: 'upkeep' })
  const made = await backUp({
    stateDir: state,
    target: join(folder, `backup-${week.now()}.zip`),
    withFiles: true,
    version: '1.0.0',
    now: week.now(),
  })
  if (!made.ok) throw new Error(made.error)
  const beside = join(folder, `restored-${week.now()}`)
  const restored = await restore({ file: made.value.file, stateDir: beside, force: false, now: week.now() })
  expect(restored.ok).toBe(true)
  checkSameRows(beside, week.rows)
  const contents = (root: string): string[] =>
    ['traces', 'artifacts'].flatMap((name) =>
      Object.entries(folderState(join(root, name))).map(([path, text]) => {
        // The mode and the hash; the time is that of the zip, to the second.
        const [mode = '', , hash = ''] = text.split(' ')
        return `${name}/${path} ${mode} ${hash}`
      }),
    )
  expect(contents(beside)).toEqual(contents(state))
}

export async function revokeTrigger(week: Week): Promise<void> {
  const [trigger] = week.rows<{ id: number }>("select id from triggers where description = 'bot'")
  expect((await week.api('DELETE', `/projects/1/triggers/${trigger?.id}`)).status).toBe(204)
}

/** Kills it while it looks at schedules that are due; it is off for some hours then. */
export async function killAtTick(week: Week, random: Random, hours: number): Promise<void> {
  await week.goTo(week.beforeNextDue())
  const id = 1 + Math.floor(random() * 2)
  // What was committed meanwhile must not be lost either.
  if (random() < 0.5) changeRepository(week, id, random)
  const commit = 1 + Math.floor(random() * 12)
  await week.kill(commit, random() < 0.5 ? 'inside' : 'after', (child) =>
    child.ask({ do: 'minutes', count: 1 }),
  )
  week.model.tick(week.now() + MINUTE / 2, true)
  await week.goTo(week.now() + MINUTE)
  await week.goTo(week.now() + Math.round(hours * 60) * MINUTE)
  await week.start()
}

export async function killAtUpkeep(week: Week, random: Random): Promise<void> {
  await week.kill(1 + Math.floor(random() * 6), random() < 0.5 ? 'inside' : 'after', (child) =>
    child.ask({ do: 'upkeep' }),
  )
  await week.start()
  await week.child().ask({ do: 'upkeep' })
}

export async function sleepFor(week: Week, hours: number): Promise<void> {
  // Somebody pushes meanwhile.
  week.repositories.get(1)?.commit(`while it sleeps, at ${week.now()}`)
  await week.setClock(Math.round(hours * 60) * MINUTE)
  await week.goTo(week.now() + MINUTE)
  await week.settle()
}

export async function offFor(week: Week, random: Random, hours: number): Promise<void> {
  await week.goToPause()
  await week.stop()
  for (let count = 0; count < 4; count++) changeRepository(week, 1 + (count % 2), random)
  await week.goTo(week.now() + Math.round(hours * 60) * MINUTE)
  await week.start()
}
