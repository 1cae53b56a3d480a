import type { Missed } from './model.ts'

/** `runner.config.yaml` of the week, as what is written there. */
export interface WeekSettings {
  users: readonly { readonly username: string; readonly projects: Readonly<Record<string, string>> }[]
  projects: ProjectEntry[]
}

export interface ProjectEntry {
  readonly id: number
  readonly name: string
  readonly path: string
  watch: unknown
  schedules: ScheduleEntry[]
  triggers: { readonly description: string; readonly token: string; readonly owner: string }[]
  readonly retention?: unknown
}

export interface ScheduleEntry {
  readonly description: string
  cron: string
  timezone: string
  readonly ref: string
  missed: Missed
  active: boolean
}

export const TOKENS = { app: 'glptt-week-app-12345678', deploy: 'glptt-week-deploy-1234567' } as const

const entry = (
  description: string,
  cron: string,
  timezone: string,
  missed: Missed = 'once',
): ScheduleEntry => ({ description, cron, timezone, ref: 'main', missed, active: true })

/** What the week begins with; `folder` gives the path of a repository. */
export function firstSettings(folder: (name: string) => string): WeekSettings {
  return {
    users: [{ username: 'mia', projects: { 1: 'maintainer' } }],
    projects: [
      {
        id: 1,
        name: 'group/app',
        path: folder('app'),
        watch: ['branches', 'tags'],
        schedules: [
          entry('often', '*/20 * * * *', 'UTC'),
          entry('berlin', '30 2 * * *', 'Europe/Berlin', 'all'),
          entry('nights', '*/30 1-3 * * *', 'Europe/Berlin'),
          entry('lord', '45 1 * * *', 'Australia/Lord_Howe', 'all'),
        ],
        triggers: [{ description: 'bot', token: TOKENS.app, owner: 'root' }],
        retention: { logs: { age: '3 days' } },
      },
      {
        id: 2,
        name: 'group/site',
        path: folder('site'),
        watch: { branches: ['main', 'release/*'], tags: false },
        schedules: [
          entry('hourly', '15 * * * *', 'UTC', 'skip'),
          entry('adelaide', '30 2 * * *', 'Australia/Adelaide'),
          entry('york', '10 */2 * * *', 'America/New_York', 'all'),
        ],
        triggers: [],
        retention: { pipelines: { age: '2 days' }, keep_n: 2, keep_latest_success: false },
      },
      {
        id: 3,
        name: 'group/deploy',
        path: folder('deploy'),
        watch: false,
        schedules: [entry('kathmandu', '40 6,18 * * *', 'Asia/Kathmandu', 'all')],
        triggers: [{ description: 'deployer', token: TOKENS.deploy, owner: 'root' }],
      },
      {
        id: 4,
        name: 'group/gone',
        path: folder('gone'),
        watch: ['branches', 'tags'],
        schedules: [
          entry('london', '5 */3 * * *', 'Europe/London'),
          entry('santiago', '0 0 * * *', 'America/Santiago', 'all'),
        ],
        triggers: [],
      },
    ],
  }
}

/** A project that comes later. */
export function newProject(folder: (name: string) => string): ProjectEntry {
  return {
    id: 5,
    name: 'group/new',
    path: folder('new'),
    watch: ['branches', 'tags'],
    schedules: [
      entry('newfound', '25 * * * *', 'America/St_Johns', 'skip'),
      entry('cairo', '35 */4 * * *', 'Africa/Cairo', 'all'),
    ],
    triggers: [],
  }
}

/** JSON is YAML. */
export function written({ users, projects }: WeekSettings): string {
  const settings = {
    executor: 'shell',
    limits: { missed_runs: 4 },
    users,
    projects: projects.map((project) => ({ ...project, default_branch: 'main' })),
  }
  return `${JSON.stringify(settings, null, 2)}\n`
}
