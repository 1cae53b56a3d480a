import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeRepository, numbers } from './workloads.ts'

/** A job that waits for its person: pipelines are made, and nothing runs beside what is measured. */
const CI_FILE = 'gate: {when: manual, script: ["true"]}\n'
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']
const HALF_A_YEAR_MS = 182 * 24 * 3_600_000

/** A configuration with many projects, each with a repository of its own, and with schedules of which none is due soon. */
export interface ManyProjects {
  readonly config: string
  readonly text: string
  /** The work tree of a project, by its id from 1. */
  repository(id: number): string
  /** Puts another text in the place of the configuration, as editors do. */
  save(text: string): void
}

export function makeManyProjects(folder: string, projects: number, schedules: number): ManyProjects {
  const repository = (id: number): string => join(folder, 'repositories', `project-${id}`)
  makeRepository(repository(1), CI_FILE)
  for (let id = 2; id <= projects; id++) cpSync(repository(1), repository(id), { recursive: true })
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'runner.config.yaml')
  const text = `listen: 127.0.0.1:0\nstate: state\nbuilds_dir: builds\nexecutor: shell\nprojects:\n${numbers(
    projects,
  )
    .map((at) => projectText(at + 1, repository(at + 1), schedulesOf(at, projects, schedules)))
    .join('')}`
  function save(wanted: string): void {
    writeFileSync(`${config}.new`, wanted)
    renameSync(`${config}.new`, config)
  }
  save(text)
  return { config, text, repository, save }
}

function projectText(id: number, path: string, schedules: readonly number[]): string {
  const lines = [
    `  - id: ${id}`,
    `    name: bench/project-${id}`,
    `    path: ${path}`,
    `    default_branch: main`,
    `    variables: {STAGE: "test-${id}"}`,
    `    triggers: [{description: bench, token: bench-${id}, owner: root}]`,
    ...(schedules.length > 0 ? ['    schedules:'] : []),
    ...schedules.flatMap((number) => [
      `      - description: schedule ${number}`,
      `        ref: main`,
      `        cron: "${cron(number)}"`,
      `        timezone: ${ZONES[number % ZONES.length]}`,
      `        variables: {NUMBER: "${number}"}`,
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function schedulesOf(at: number, projects: number, schedules: number): number[] {
  return numbers(schedules).filter((number) => number % projects === at)
}

/** Once a year, half a year from now. */
function cron(number: number): string {
  const month = new Date(Date.now() + HALF_A_YEAR_MS).getUTCMonth() + 1
  return `${number % 60} ${number % 24} ${(number % 28) + 1} ${month} *`
}
