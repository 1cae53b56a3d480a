import { describe, expect, it } from 'vitest'
import type { ScheduleInput } from '../../../src/pipeline/registry/schedule-input.ts'
import { makeSchedulerTick } from '../../../src/sources/scheduler/scheduler.ts'
import { temporaryFolder } from '../../support/state-folder.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'

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

const inputs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`input${index}`, index]))

async function add(here: Scene, changes: Partial<ScheduleInput> = {}, ownerId = 1): Promise<number> {
  const made = await here.engine.schedules.create(9, { ...hourly, ...changes }, ownerId)
  if (!made.ok) throw new Error(JSON.stringify(made.error))
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

  it('says why nothing came of a play, until one makes a pipeline', async () => {
    const here = scene()
    const id = await add(here, { ref: 'refs/heads/gone' })
    const before = here.store.schedules.find(id)
    expect((await here.engine.schedules.play(id, 1)).kind).toBe('refused')
    expect(here.store.schedules.find(id)?.lastError).toMatch(/^Reference not found/)
    await here.engine.schedules.update(id, { ref: 'main' })
    expect((await here.engine.schedules.play(id, 1)).kind).toBe('created')
    expect(here.store.schedules.find(id)).toMatchObject({
      lastError: null,
      lastRunAt: null,
      nextRunAt: before?.nextRunAt,
      missedRuns: 0,
    })
  })

  it('makes a failed pipeline of an invalid configuration, once, as GitLab does', async () => {
    const here = scene('build: {script: 1, stage: nowhere}\n')
    const id = await add(here)
    here.clock.advance(30 * MINUTE)
    await here.tick()
    await here.tick()
    expect(pipelines(here)).toMatchObject([{ status: 'failed', scheduleId: id, source: 'schedule' }])
    expect(here.store.schedules.find(id)).toMatchObject({ lastError: null, nextRunAt: START + 90 * MINUTE })
  })

  it('plans anew at the start what was planned with a clock that was wrong', async () => {
    const stateDir = temporaryFolder()
    const wrong = scene(FILE, stateDir)
    wrong.clock.advance(365 * 24 * HOUR)
    const id = await add(wrong)
    await scene(FILE, stateDir).tick()
    expect(wrong.store.schedules.find(id)?.nextRunAt).toBe(START + 30 * MINUTE)
  })

  it('plans anew what was planned before the clock was set back, though it never ran', async () => {
    const here = scene()
    here.clock.advance(365 * 24 * HOUR)
    const id = await add(here)
    const never = await add(here, { cron: '0 0 29 2 1#5' })
    await here.tick()
    here.clock.advance(-365 * 24 * HOUR)
    await here.tick()
    expect(here.store.schedules.find(id)?.nextRunAt).toBe(START + 30 * MINUTE)
    expect(here.store.schedules.find(never)?.active).toBe(true)
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

  it('says when it cannot look at all, and looks again', async () => {
    const here = scene()
    await add(here)
    here.clock.advance(HOUR)
    const due = here.store.schedules.due
    let isBroken = true
    const schedules = {
      ...here.store.schedules,
      due: (now: number) => {
        if (isBroken) throw new Error('disk I/O error')
        return due(now)
      },
    }
    const tick = makeSchedulerTick({
      ...here,
      store: { ...here.store, schedules },
      isServed: () => true,
      mostMissed: () => 10,
      notice: (text) => here.notices.push(text),
    })
    await tick()
    expect(here.notices).toEqual(['the schedules could not be looked at: Error: disk I/O error'])
    isBroken = false
    await tick()
    expect(pipelines(here)).toHaveLength(1)
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
  it.each<[string, Partial<ScheduleInput>, string[]]>([
    ['cron', { cron: '61 * * * *' }, ['cron  is invalid syntax']],
    ['words', { cron: 'sometimes' }, ['cron  is invalid syntax']],
    ['no cron', { cron: ' \n' }, ['cron  is invalid syntax', "cron can't be blank"]],
    ['a blank of Unicode', { cron: '\u00a00 4 * * *' }, ['cron  is invalid syntax']],
    ['zone', { timezone: 'Mars/Olympus' }, ['cron_timezone  is invalid syntax']],
    ['no zone', { timezone: ' ' }, ["cron_timezone can't be blank"]],
    ['description', { description: ' ' }, ["description can't be blank"]],
    ['a branch and a tag', { ref: 'both' }, ['ref is ambiguous']],
    [
      'everything',
      { cron: 'x', timezone: 'x', ref: '', description: '' },
      [
        'cron  is invalid syntax',
        'cron_timezone  is invalid syntax',
        "ref can't be blank",
        "description can't be blank",
      ],
    ],
    ['inputs', { inputs: inputs(21) }, ['inputs exceeds the limit of 20.']],
    ['an input without a name', { inputs: { '': 1 } }, ["inputs.name can't be blank"]],
    [
      'an input with a long name',
      { inputs: { ['n'.repeat(256)]: 1 } },
      ['inputs.name is too long (maximum is 255 characters)'],
    ],
  ])('%s', async (_title, changes, expected) => {
    const made = await scene().engine.schedules.create(9, { ...hourly, ...changes }, 1)
    expect(made.ok ? [] : made.error.map(({ field, message }) => `${field} ${message}`)).toEqual(expected)
  })

  it('keeps what Ruby would leave of an expression', async () => {
    const here = scene()
    const id = await add(here, { cron: '\0 0 4 * * *\t\n', inputs: inputs(20) })
    expect(here.store.schedules.find(id)?.cron).toBe('0 4 * * *')
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
      error: [{ field: 'base', message: 'Maximum number of ci pipeline schedules (10) exceeded' }],
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

  it('have not been changed when only their line is another', async () => {
    const here = scene()
    const depth = { key: 'DEPTH', value: 'full', type: 'env_var', raw: false } as const
    await here.engine.schedules.declare(9, [{ ...declared, inputs: { level: 2 }, variables: [depth] }], 1)
    here.clock.advance(HOUR)
    const at = 'runner.config.yaml:5:7'
    await here.engine.schedules.declare(9, [{ ...declared, inputs: { level: 2 }, variables: [depth], at }], 1)
    expect(here.store.schedules.find(1)).toMatchObject({ declaredAt: at, updatedAt: START })
  })

  it.each([
    { what: 'a variable', change: { variables: [{ key: 'A', value: '2', type: 'env_var', raw: false }] } },
    { what: 'an input', change: { inputs: { level: 3 } } },
    { what: 'the zone', change: { timezone: 'Asia/Kolkata' } },
    { what: 'the policy', change: { missed: 'all' } },
    { what: 'being active', change: { active: false } },
  ] as const)('are changed by $what alone', async ({ change }) => {
    const here = scene()
    await here.engine.schedules.declare(9, [declared], 1)
    here.clock.advance(HOUR)
    await here.engine.schedules.declare(9, [{ ...declared, ...change }], 1)
    const { variables, ...content } = { variables: [], ...change }
    expect(here.store.schedules.find(1)).toMatchObject({ ...content, updatedAt: START + HOUR })
    expect(here.store.schedules.variablesOf(1)).toEqual(variables)
  })
})
