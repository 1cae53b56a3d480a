import { join } from 'node:path'
import { expect } from 'vitest'
import { changeRepository } from './changes.ts'
import {
  backUpAndCompare,
  changeSchedule,
  killAtTick,
  killAtUpkeep,
  offFor,
  revokeTrigger,
  sleepFor,
  tryToChangeDeclared,
} from './deeds.ts'
import type { Random } from '../../support/random.ts'
import { newProject, TOKENS } from './settings.ts'
import { MINUTE, type Week } from './week.ts'

/** Every act, with the hours after the start between which it comes. */
export const acts: readonly (readonly [
  number,
  number,
  string,
  (week: Week, random: Random) => Promise<void>,
])[] = [
  [1, 2, 'trigger', async (week) => expect(await week.trigger(1, TOKENS.app)).toBe(201)],
  [2, 4, 'trigger', async (week) => expect(await week.trigger(3, TOKENS.deploy)).toBe(201)],
  // Over the change of clocks in Berlin, at 01:00 UTC on Sunday.
  [4, 4.9, 'killed before the clocks change', (week, random) => killAtTick(week, random, 0)],
  [
    5.5,
    7,
    'a tag that deploys',
    async (week) => {
      const app = week.repositories.get(1)
      app?.commit('a release')
      app?.git('tag', 'v1.0')
      await week.goTo(week.now() + MINUTE)
      await week.settle()
    },
  ],
  [8, 9, 'try to change', tryToChangeDeclared],
  [10, 12, 'changed', (week) => changeSchedule(2, 'hourly', { missed: 'once' })(week, 'watched')],
  [
    13,
    15,
    'api schedule',
    async (week) => {
      const gap = { projectId: 1, cron: '25 * * * *', timezone: 'America/St_Johns', missed: 'skip' } as const
      await week.addSchedule({ ...gap, description: 'by mia', owner: 'mia' })
      await week.addSchedule({
        ...gap,
        description: 'by hand',
        cron: '35 */4 * * *',
        timezone: 'Africa/Cairo',
        owner: 'root',
      })
    },
  ],
  [16, 20, 'asleep', (week, random) => sleepFor(week, 1 + random() * 2)],
  [23.5, 23.9, 'clock back', (week, random) => week.setClock(-Math.ceil(2 + random() * 13) * MINUTE)],
  [24, 25, 'killed', (week, random) => killAtTick(week, random, random() < 0.5 ? 0 : random() * 5)],
  [
    26,
    30,
    'new project',
    (week) =>
      week.configure(
        'watched',
        ({ projects }) => void projects.push(newProject((name) => join(week.folder, name))),
      ),
  ],
  [
    30,
    32,
    'mia leaves',
    (week) =>
      week.configure('reload', (settings) => void (settings.users = [{ username: 'mia', projects: {} }])),
  ],
  [
    33,
    36,
    'paused by api',
    async (week) => {
      await week.goToPause()
      const schedule = week.model.schedule(1, 'by hand')
      const answer = await week.api('PUT', `/projects/1/pipeline_schedules/${schedule.id}`, { active: false })
      expect(answer.status).toBe(200)
      schedule.active = false
    },
  ],
  [37, 40, 'vanishes', async (week) => week.move(4, 'away')],
  [42, 44, 'paused', (week) => changeSchedule(2, 'york', { active: false })(week, 'reload')],
  [
    45,
    50,
    'back',
    async (week, random) => {
      week.move(4, 'back')
      for (let count = 0; count < 3; count++) changeRepository(week, 4, random)
      await week.goTo(week.now() + MINUTE)
      await week.settle()
    },
  ],
  [51, 52, 'invalid', (week) => week.spoil('projects: [\n')],
  [55, 56, 'valid again', (week) => changeSchedule(2, 'york', { active: true })(week, 'watched')],
  [57, 59, 'revoked', revokeTrigger],
  [59.5, 60, 'trigger', async (week) => expect(await week.trigger(1, TOKENS.app)).toBe(404)],
  [
    60.5,
    62,
    'taken over',
    async (week) => {
      await week.goToPause()
      const schedule = week.model.schedule(1, 'by mia')
      const answer = await week.api('POST', `/projects/1/pipeline_schedules/${schedule.id}/take_ownership`)
      expect(answer.status).toBe(201)
      schedule.owner = 'root'
    },
  ],
  [
    64,
    66,
    'watched',
    (week) => week.configure('watched', () => void (week.entry(3).watch = ['branches', 'tags'])),
  ],
  [70, 74, 'backup', backUpAndCompare],
  [
    75,
    77,
    'resumed by api',
    async (week) => {
      await week.goToPause()
      const schedule = week.model.schedule(1, 'by hand')
      await week.api('PUT', `/projects/1/pipeline_schedules/${schedule.id}`, {
        active: true,
        cron: '15 * * * *',
        cron_timezone: 'UTC',
      })
      Object.assign(schedule, { active: true, cron: '15 * * * *', timezone: 'UTC', cursor: week.now() })
    },
  ],
  [78, 84, 'off', (week, random) => offFor(week, random, 2 + random() * 6)],
  [
    86,
    88,
    'project removed',
    (week) =>
      week.configure('reload', (settings) => {
        settings.projects = settings.projects.filter(({ id }) => id !== 4)
      }),
  ],
  [
    90,
    92,
    'schedule removed',
    (week) =>
      week.configure('watched', () => {
        week.entry(1).schedules = week
          .entry(1)
          .schedules.filter(({ description }) => description !== 'nights')
      }),
  ],
  [93, 96, 'killed', (week, random) => killAtTick(week, random, random() * 3)],
  [97, 99, 'trigger removed', (week) => week.configure('reload', () => void (week.entry(3).triggers = []))],
  [99.5, 100, 'trigger', async (week) => expect(await week.trigger(3, TOKENS.deploy)).toBe(404)],
  [
    101,
    102,
    'trigger back',
    (week) =>
      week.configure(
        'watched',
        () =>
          void (week.entry(3).triggers = [{ description: 'deployer', token: TOKENS.deploy, owner: 'root' }]),
      ),
  ],
  [102.5, 103, 'trigger', async (week) => expect(await week.trigger(3, TOKENS.deploy)).toBe(201)],
  [
    108,
    112,
    'project back',
    (week) =>
      week.configure('watched', ({ projects }) => {
        const { id, name, path } = { id: 4, name: 'group/gone', path: join(week.folder, 'gone') }
        projects.push({
          id,
          name,
          path,
          watch: ['branches', 'tags'],
          schedules: [
            {
              description: 'london',
              cron: '5 */3 * * *',
              timezone: 'Europe/London',
              ref: 'main',
              missed: 'once',
              active: true,
            },
          ],
          triggers: [],
        })
      }),
  ],
  [
    114,
    116,
    'schedule back',
    (week) =>
      week.configure('reload', () => {
        week.entry(1).schedules.push({
          description: 'nights',
          cron: '*/30 1-3 * * *',
          timezone: 'Europe/Berlin',
          ref: 'main',
          missed: 'once',
          active: true,
        })
      }),
  ],
  [
    118,
    122,
    'patterns',
    (week) =>
      week.configure('watched', () => void (week.entry(2).watch = { branches: ['feature/*'], tags: false })),
  ],
  [124, 126, 'try to change', tryToChangeDeclared],
  [127, 130, 'killed while it cleans', (week, random) => killAtUpkeep(week, random)],
  [132, 135, 'asleep', (week, random) => sleepFor(week, 0.2 + random() * 5)],
  [141.5, 142, 'clock back', (week, random) => week.setClock(-Math.ceil(2 + random() * 28) * MINUTE)],
  [143, 146, 'not watched', (week) => week.configure('reload', () => void (week.entry(3).watch = false))],
  [
    147,
    149,
    'api schedule deleted',
    async (week) => {
      await week.goToPause()
      const schedule = week.model.schedule(1, 'by hand')
      expect((await week.api('DELETE', `/projects/1/pipeline_schedules/${schedule.id}`)).status).toBe(204)
      week.model.schedules.delete('1/by hand')
      week.model.removed.push(schedule)
    },
  ],
  [150, 154, 'off', (week, random) => offFor(week, random, random() * 4)],
  [156, 158, 'backup', backUpAndCompare],
  // Over the changes of clocks in Lord Howe and Adelaide, at 15:00 and 16:30 UTC on Saturday.
  [162, 162.9, 'killed before the clocks change', (week, random) => killAtTick(week, random, 0)],
]
