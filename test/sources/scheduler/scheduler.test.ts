import { describe, expect, it } from 'vitest'
import type { ScheduleInput } from '../../../src/pipeline/registry/schedules.ts'
import { makeSchedulerTick } from '../../../src/sources/scheduler/scheduler.ts'
import { temporaryFolder } from '../../support/state-folder.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { askRuby, hasRuby } from '../../oracles/ruby.ts'

const FILE = `
build:
  script: make
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
`
/** The clock of a test engine starts at 2026-11-22 12:00 UTC. */
const START = Date.UTC(2026, 10, 22, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const hourly: ScheduleInput = {
  description: 'hourly',
  ref: 'main',
  cron: '30 * * * *',
  timezone: 'UTC',
  active: true,
  inputs: {},
  missed: 'once',
}

interface Scene extends TestEngine {
  tick(): Promise<void>
  readonly notices: string[]
}

function scene(yaml = FILE, stateDir = temporaryFolder()): Scene {
  const made = testEngine(yaml, { stateDir })
  const notices: string[] = []
  const tick = makeSchedulerTick({
    ...made,
    isServed: (id) => id === 9,
    mostMissed: () => 10,
    notice: (text) => notices.push(text),
  })
  return { ...made, tick, notices }
}

async function add(here: Scene, changes: Partial<ScheduleInput> = {}, ownerId = 1): Promise<number> {
  const made = await here.engine.schedules.create(9, { ...hourly, ...changes }, ownerId)
  if (!made.ok) throw new Error(made.error.message)
  return made.value.id
}

const pipelines = ({ store }: Scene) => store.pipelines.newest(9, 1000).toReversed()

describe('the scheduler', () => {
  it('makes a pipeline when the time has come, as its owner, with its variables', async () => {
    const here = scene()
    const id = await add(here)
    here.engine.schedules.setVariable(id, { key: 'DEPTH', value: 'full', type: 'env_var', raw: false })
    here.clock.advance(29 * MINUTE)
    await here.tick()
    expect(pipelines(here)).toEqual([])
    here.clock.advance(MINUTE)
    await here.tick()
    expect(pipelines(here)).toMatchObject([
      { source: 'schedule', ref: 'main', userId: 1, scheduleId: id, status: 'created' },
    ])
    expect(here.store.pipelineVariables.of(1)).toMatchObject([
      { key: 'DEPTH', value: 'full', origin: 'schedule' },
    ])
    expect(here.store.schedules.find(id)).toMatchObject({
      lastRunAt: START + 30 * MINUTE,
      nextRunAt: START + 90 * MINUTE,
      lastError: null,
    })
  })

  it('tells the job which schedule it is', async () => {
    const here = scene()
    await add(here, { description: 'the nightly one' })
    here.clock.advance(30 * MINUTE)
    await here.tick()
    await new Promise((resolve) => setImmediate(resolve))
    const payload = await here.take()
    const value = (key: string) => payload?.variables.findLast((each) => each.key === key)?.value
    expect(value('CI_PIPELINE_SCHEDULE_DESCRIPTION')).toBe('the nightly one')
    expect(value('CI_PIPELINE_SOURCE')).toBe('schedule')
  })

  it('leaves inactive schedules alone, and plays them', async () => {
    const here = scene()
    const id = await add(here, { active: false })
    here.clock.advance(5 * HOUR)
    await here.tick()
    expect(pipelines(here)).toEqual([])
    const played = await here.engine.schedules.play(id, 1)
    expect(played.kind).toBe('created')
    expect(here.store.schedules.find(id)).toMatchObject({ lastRunAt: null })
  })

  it('says why nothing came of a run, and stays', async () => {
    const here = scene()
    const gone = await add(here, { ref: 'refs/heads/gone' })
    const refused = await add(
      here,
      { ref: 'main' },
      here.store.users.put({ username: 'mia', name: 'Mia', email: 'm@example.test' }),
    )
    here.clock.advance(30 * MINUTE)
    await here.tick()
    expect(pipelines(here)).toEqual([])
    expect(here.store.schedules.find(gone)).toMatchObject({ active: true, nextRunAt: START + 90 * MINUTE })
    expect(here.store.schedules.find(gone)?.lastError).toMatch(/^Reference not found/)
    expect(here.store.schedules.find(refused)?.lastError).toBe(
      'Insufficient permissions to create a new pipeline',
    )
  })

  it('runs an instant once although the process died before it could note that', async () => {
    const stateDir = temporaryFolder()
    const before = scene(FILE, stateDir)
    const id = await add(before)
    before.clock.advance(30 * MINUTE)
    await before.tick()
    // What the database shows after a kill between the pipeline and the note.
    before.store.write('full', () =>
      before.store.schedules.recordRun(id, {
        lastRunAt: START,
        nextRunAt: START + 30 * MINUTE,
        lastError: null,
        missedRuns: 0,
      }),
    )
    const after = scene(FILE, stateDir)
    after.clock.advance(31 * MINUTE)
    await after.tick()
    expect(pipelines(after)).toHaveLength(1)
    expect(after.store.schedules.find(id)?.nextRunAt).toBe(START + 90 * MINUTE)
  })

  it('never runs an instant twice when the clock is set back, and does not wait for the time that was wrong', async () => {
    const here = scene()
    const id = await add(here)
    here.clock.advance(30 * MINUTE)
    await here.tick()
    here.clock.advance(-HOUR)
    await here.tick()
    expect(here.store.schedules.find(id)?.nextRunAt).toBe(START + 30 * MINUTE)
    here.clock.advance(HOUR)
    await here.tick()
    expect(pipelines(here)).toHaveLength(1)
    here.clock.advance(HOUR)
    await here.tick()
    expect(pipelines(here)).toHaveLength(2)
  })

  it('runs once after the clock jumped ahead by a day, and says how many were missed', async () => {
    const here = scene()
    const id = await add(here)
    here.clock.advance(24 * HOUR)
    await here.tick()
    expect(pipelines(here)).toHaveLength(1)
    expect(here.store.schedules.find(id)).toMatchObject({ missedRuns: 23, lastRunAt: START + 23.5 * HOUR })
  })

  it('does not run a project that is not served any more', async () => {
    const made = testEngine(FILE)
    const tick = makeSchedulerTick({
      ...made,
      isServed: () => false,
      mostMissed: () => 10,
      notice: () => undefined,
    })
    await made.engine.schedules.create(9, hourly, 1)
    made.clock.advance(HOUR)
    await tick()
    expect(made.store.pipelines.newest(9, 1)).toEqual([])
  })

  it('goes on with the others when one fails in an unforeseen way', async () => {
    const here = scene()
    const first = await add(here)
    await add(here, { description: 'second' })
    const run = here.engine.schedules.run
    const tick = makeSchedulerTick({
      ...here,
      engine: {
        schedules: {
          ...here.engine.schedules,
          run: (schedule, plan) =>
            schedule.id === first ? Promise.reject(new Error('disk')) : run(schedule, plan),
        },
      },
      isServed: () => true,
      mostMissed: () => 10,
      notice: (text) => here.notices.push(text),
    })
    here.clock.advance(HOUR)
    await tick()
    expect(pipelines(here)).toHaveLength(1)
    expect(here.notices).toEqual(['schedule 1 (hourly) could not run: Error: disk'])
    expect(here.store.schedules.find(first)?.nextRunAt).toBe(START + 30 * MINUTE)
  })
})

describe('checking what is written', () => {
  it.each<[string, Partial<ScheduleInput>, string, string]>([
    ['cron', { cron: '61 * * * *' }, 'cron', ' is invalid syntax'],
    ['words', { cron: 'sometimes' }, 'cron', ' is invalid syntax'],
    ['zone', { timezone: 'Mars/Olympus' }, 'cron_timezone', ' is invalid syntax'],
    ['description', { description: ' ' }, 'description', "can't be blank"],
    ['a branch and a tag', { ref: 'both' }, 'ref', 'is ambiguous'],
  ])('%s', async (_title, changes, field, message) => {
    const made = await scene().engine.schedules.create(9, { ...hourly, ...changes }, 1)
    expect(made).toMatchObject({ ok: false, error: { field, message } })
  })

  it.each([
    ['main', 'refs/heads/main'],
    ['v1', 'refs/tags/v1'],
    ['refs/tags/both', 'refs/tags/both'],
    ['later', 'later'],
  ])('expands the ref %s to %s', async (ref, full) => {
    const here = scene()
    expect(here.store.schedules.find(await add(here, { ref }))?.ref).toBe(full)
  })

  it("ends at GitLab's ten schedules of a project", async () => {
    const here = scene()
    for (let count = 0; count < 10; count++) await add(here)
    expect(await here.engine.schedules.create(9, hourly, 1)).toMatchObject({
      ok: false,
      error: { field: 'base', message: 'Maximum number of pipeline schedules (10) exceeded' },
    })
  })
})

describe('declared schedules', () => {
  const declared = { ...hourly, variables: [], at: 'runner.config.yaml:4:7' }

  it('keep their next run while their expression stays, and leave with the file', async () => {
    const here = scene()
    await here.engine.schedules.declare(9, [declared], 1)
    here.clock.advance(10 * HOUR)
    await here.engine.schedules.declare(9, [{ ...declared, at: 'runner.config.yaml:9:7' }], 1)
    const [kept] = here.store.schedules.page(9, {}, { limit: 9, offset: 0 }).schedules
    expect(kept).toMatchObject({
      id: 1,
      nextRunAt: START + 30 * MINUTE,
      declaredAt: 'runner.config.yaml:9:7',
    })
    await here.engine.schedules.declare(9, [{ ...declared, cron: '0 6 * * *' }], 1)
    expect(here.store.schedules.find(1)?.nextRunAt).toBe(Date.UTC(2026, 10, 23, 6))
    await here.engine.schedules.declare(9, [], 1)
    expect(here.store.schedules.find(1)).toBeUndefined()
  })
})

describe.skipIf(!hasRuby('fugit'))('a year', () => {
  it.each([
    ['Europe/Berlin', '30 2 * * *'],
    ['America/New_York', '*/40 1-3 * * sun'],
    ['Australia/Lord_Howe', '15 2 L * *'],
    ['America/Santiago', '0 0 1,15 * fri'],
    ['UTC', '0 0 29 2 *'],
  ])('in %s, %s', { timeout: 60_000 }, async (timezone, cron) => {
    const here = scene()
    const id = await add(here, { timezone, cron })
    const end = START + 365 * 24 * HOUR
    const seen: number[] = []
    for (;;) {
      const next = here.store.schedules.find(id)?.nextRunAt ?? Infinity
      if (next > end) break
      here.clock.advance(next - here.clock.now())
      await here.tick()
      const last = here.store.schedules.find(id)?.lastRunAt
      expect(last).toBe(next)
      seen.push(next / 1000)
    }
    const [answer] = askRuby('fugit.rb', [[cron, timezone, START / 1000, seen.length + 1]]) as number[][]
    expect(seen).toEqual(answer?.filter((each) => each * 1000 <= end))
    expect(pipelines(here)).toHaveLength(seen.length)
  })
})
