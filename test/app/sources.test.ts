import { expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { makeSources } from '../../src/app/sources.ts'
import type { Schedules } from '../../src/pipeline/registry/schedules.ts'
import { testEngine } from '../support/engine.ts'

const MINUTE = 60_000

it('waits at its stop for the schedule that runs, and leaves the others that are due', async () => {
  const { store, engine, clock } = testEngine('build: {script: [make]}\n')
  for (const description of ['first', 'second']) {
    const timing = { cron: '*/10 * * * *', timezone: 'UTC', missed: 'once' } as const
    const made = await engine.schedules.create(
      9,
      { description, ref: 'main', active: true, inputs: {}, ...timing },
      1,
    )
    expect(made.ok).toBe(true)
  }
  const ran: string[] = []
  let finish = (): void => undefined
  const run: Schedules['run'] = ({ description }) => {
    ran.push(description)
    return new Promise((resolve) => (finish = resolve))
  }
  const app = {
    store,
    engine: { ...engine, schedules: { ...engine.schedules, run } },
    projects: { find: () => ({ id: 9 }), all: () => [] },
  } as unknown as App
  let tick = (): Promise<void> => Promise.resolve()
  const sources = makeSources(app, {
    clock,
    wake(wanted) {
      tick = wanted
      return () => undefined
    },
    notice: () => undefined,
  })
  await sources.follow({ projects: [], limits: { missedRuns: 10, pipelinesPerPush: 100 } })
  clock.advance(20 * MINUTE)
  const ticked = tick()
  let isStopped = false
  const stopped = sources.stop().then(() => (isStopped = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect([ran, isStopped]).toEqual([['first'], false])
  finish()
  await Promise.all([ticked, stopped])
  expect(ran).toEqual(['first'])
})
