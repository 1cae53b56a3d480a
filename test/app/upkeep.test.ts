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
    { app, clock: test.clock, cacheDir: temporaryFolder(), notice: (text) => void notices.push(text) },
    first,
  )
  const ended = async (): Promise<number> => {
    const id = await test.create()
    await test.finish('build')
    return id
  }
  const left = (): number[] => test.store.pipelines.newest(9, 9).map(({ id }) => id)
  return { test, upkeep, ended, left, unpinned, notices }
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
  const { upkeep, ended, left, unpinned } = upkeepOf(new Map([[9, RULES]]))
  const [old, young] = [await ended(), await ended()]
  await upkeep.once()
  expect([left(), unpinned]).toEqual([[young, old], []])
  upkeep.follow(tight)
  await upkeep.once()
  expect([left(), unpinned]).toEqual([[young], [[[old], 9]]])
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
