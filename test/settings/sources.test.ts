// What the file says of schedules and watched refs, and of the limits.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { temporaryFolder } from '../support/git.ts'

function read(text: string): ReturnType<typeof readSettings> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'work/.git'), { recursive: true })
  writeFileSync(join(folder, 'runner.config.yaml'), text)
  return readSettings(join(folder, 'runner.config.yaml'), {})
}

function settings(text: string): Settings {
  const result = read(text)
  if (!result.ok) throw new Error(result.error.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

function problems(text: string): string[] {
  const result = read(text)
  const { diagnostics } = result.ok ? result.value.leftOut : result.error
  return diagnostics.map(({ location, message }) => `${location?.line}:${location?.column} ${message}`)
}

const project = (more: string): string => `projects:\n  - id: 9\n    name: local/app\n    path: work\n${more}`

const ALL = { branches: 'all', tags: 'all' }

describe('watch', () => {
  it.each<[string, unknown]>([
    ['', ALL],
    ['    watch:\n', ALL],
    ['    watch: off\n', { branches: 'none', tags: 'none' }],
    ['    watch: "off"\n', { branches: 'none', tags: 'none' }],
    ['    watch: false\n', { branches: 'none', tags: 'none' }],
    ['    watch: on\n', ALL],
    ['    watch: branches\n', { branches: 'all', tags: 'none' }],
    ['    watch: [tags]\n', { branches: 'none', tags: 'all' }],
    ['    watch: [branches, tags]\n', ALL],
    ['    watch: {branches: main}\n', { branches: ['main'], tags: 'all' }],
    [
      '    watch: {branches: [main, release/*], tags: off}\n',
      { branches: ['main', 'release/*'], tags: 'none' },
    ],
    ['    watch: {tags: ["/^v\\\\d+/"]}\n', { branches: 'all', tags: ['/^v\\d+/'] }],
  ])('%j', (text, rules) => expect(settings(project(text)).projects[0]?.watch).toEqual(rules))

  it.each([
    [
      '    watch: branch\n',
      '5:12 projects[0].watch must be off, branches, tags, a list of these, or a mapping with branches:, tags: and working_tree:, not "branch"',
    ],
    ['    wach: off\n', '5:5 unknown key "wach" in projects[0]'],
    ['    watch: {branch: main}\n', '5:13 unknown key "branch" in projects[0].watch'],
    [
      '    watch: {tags: ["/v(/"]}\n',
      '5:20 projects[0].watch.tags[0] /v(/ is not a regular expression: error parsing regexp: missing closing ): `v(`',
    ],
  ])('%j is refused', (text, problem) => expect(problems(project(text))).toEqual([problem]))
})

describe('schedules', () => {
  const schedule = (more: string): string =>
    project(`    schedules:\n      - cron: 0 4 * * *\n        ref: main\n${more}`)

  it('have a policy for missed runs, and inputs', () => {
    const text = schedule(
      '        missed: all\n        inputs: {size: big, count: 3, list: [a, b], on: true}\n',
    )
    expect(settings(text).projects[0]?.schedules[0]).toMatchObject({
      missed: 'all',
      inputs: { size: 'big', count: 3, list: ['a', 'b'], true: true },
    })
    expect(settings(schedule('')).projects[0]?.schedules[0]).toMatchObject({ missed: 'once', inputs: {} })
  })

  it('refuse other policies', () =>
    expect(problems(schedule('        missed: twice\n'))).toEqual([
      '8:17 projects[0].schedules[0].missed is "twice"; it must be one of once, skip, all',
    ]))
})

describe('limits', () => {
  it('of jobs that nobody ends have keys', () => {
    const { limits } = settings('limits:\n  pending_seconds: 600\n  redundant_pipeline_days: 1\n')
    expect(limits).toMatchObject({
      pendingSeconds: 600,
      redundantPipelineDays: 1,
      silentSeconds: 3600,
      cancelingSeconds: 1800,
    })
  })

  it('have the names of the model with underscores', () => {
    const { limits } = settings('limits:\n  schedules_per_project: 50\n  body_bytes: 1 MiB\n')
    expect(limits).toMatchObject({ schedulesPerProject: 50, bodyBytes: 1_048_576, pipelinesPerPush: 100 })
  })

  it.each([
    ['limits: {schedule_per_project: 1}\n', '1:10 unknown key "schedule_per_project" in limits'],
    [
      'limits: {pipelines_per_push: many}\n',
      '1:30 limits.pipelines_per_push must be a whole number from 0 up, not "many"',
    ],
    [
      'limits: {body_bytes: lots}\n',
      '1:22 limits.body_bytes must be a size such as 25 MiB or a number of bytes, not "lots"',
    ],
  ])('%j is refused', (text, problem) => expect(problems(text)).toEqual([problem]))
})
