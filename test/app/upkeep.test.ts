import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { startUpkeep } from '../../src/app/upkeep.ts'
import { DEFAULT_RETENTION } from '../../src/model/retention.ts'
import { testEngine } from '../support/engine.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const RULES = { ...DEFAULT_RETENTION, keepN: 0, keepLatestSuccess: false }
const tight = new Map([[9, { ...RULES, pipelines: { ...RULES.pipelines, count: 1 } }]])

function upkeepOf(first: typeof tight) {
  const test = testEngine('build: {script: [make]}\n')
  const unpinned: [number[], number][] = []
  const notices: string[] = []
  const told: string[] = []
  const app = {
    store: test.store,
    engine: test.engine,
    projects: { find: () => undefined },
    unpin(ids: number[], projectId: number) {
      unpinned.push([ids, projectId])
      return Promise.resolve()
    },
  } as unknown as App
  const upkeep = startUpkeep(
    {
      app,
      clock: test.clock,
      cacheDir: temporaryFolder(),
      notice: (text) => void notices.push(text),
      tell: (text) => void told.push(text),
    },
    first,
  )
  const ended = async (): Promise<number> => {
    const id = await test.create()
    await test.finish('build')
    return id
  }
  const left = (): number[] => test.store.pipelines.newest(9, 9).map(({ id }) => id)
  return { test, upkeep, ended, left, unpinned, notices, told }
}

/** Gives others their turn until it is so. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 4000; performance.now() < end;) {
    if (holds()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('it never was so')
}

it('forgets what goes everywhere, by the rules that hold now', async () => {
  const { upkeep, ended, left, unpinned, told } = upkeepOf(new Map([[9, RULES]]))
  const [old, young] = [await ended(), await ended()]
  await upkeep.once()
  expect([left(), unpinned]).toEqual([[young, old], []])
  upkeep.follow(tight)
  await upkeep.once()
  expect([left(), unpinned]).toEqual([[young], [[[old], 9]]])
  expect(told).toEqual(['retention of project 9 removed 1 pipeline'])
  await upkeep.stop()
})

it('does not look at the others when a project comes that keeps what all keep', async () => {
  const { upkeep, ended, left } = upkeepOf(tight)
  await ended()
  await ended()
  upkeep.follow(new Map([...tight, [10, DEFAULT_RETENTION]]))
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(left()).toHaveLength(2)
  upkeep.follow(new Map([...tight, [10, RULES]]))
  await until(() => left().length === 1)
  await upkeep.stop()
})

it('looks some seconds after start, and every ten minutes', async () => {
  expect.assertions(1)
  const { test, upkeep, ended, left } = upkeepOf(tight)
  await ended()
  await ended()
  test.clock.advance(10_000)
  await until(() => left().length === 1)
  await ended()
  await ended()
  test.clock.advance(600_000)
  await until(() => left().length === 1)
  expect(left()).toHaveLength(1)
  await upkeep.stop()
})

it('touches nothing once it has stopped', async () => {
  const { test, upkeep, ended, left, notices } = upkeepOf(tight)
  await ended()
  await ended()
  await upkeep.stop()
  test.clock.advance(3_600_000)
  await upkeep.once()
  expect([left().length, notices]).toEqual([2, []])
})

it('gives the disk back in small steps, also while pipelines come and go', async () => {
  const { test, upkeep, ended, told, notices } = upkeepOf(new Map([[9, RULES]]))
  fillAndEmpty(join(test.store.stateDir, 'sluice.db'))
  const before = test.store.upkeep.unusedBytes()
  expect(before).toBeGreaterThan(20_000_000)
  for (let step = 0; step < 3; step++) {
    await ended()
    test.clock.advance(5000)
    await upkeep.once()
  }
  for (let step = 0; step < 100; step++) test.clock.advance(50)
  const after = test.store.upkeep.unusedBytes()
  // An eighth of it may stay empty for what comes next.
  expect([after < before / 2, after > 0, notices, told]).toEqual([true, true, [], []])
  await upkeep.stop()
})

function fillAndEmpty(file: string): void {
  const database = new Sqlite(file)
  database.exec(
    `create table filler (text);
     with recursive n (i) as (select 1 union all select i + 1 from n where i < 6000) insert into filler select hex(randomblob(2000)) from n;
     drop table filler`,
  )
  database.close()
}
