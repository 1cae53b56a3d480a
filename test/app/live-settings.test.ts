import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeLiveSettings, type LiveSettings } from '../../src/app/live-settings.ts'
import { readSettings } from '../../src/settings/read.ts'
import type { Settings } from '../../src/settings/settings.ts'
import type { Diagnostic } from '../../src/shared/diagnostic.ts'
import { frozenClock, type FrozenClock } from '../support/engine.ts'
import { temporaryFolder } from '../support/git.ts'

let file = ''
let live: LiveSettings
let clock: FrozenClock
let applied: Settings[] = []
let refused: string[] = []
let notices: string[] = []
let refuseNext: string | undefined
let leftOut: string[] = []
let waiting: Diagnostic[] = []
let applying: Promise<void>

beforeEach(() => {
  file = join(temporaryFolder(), 'runner.config.yaml')
  writeFileSync(file, 'limits: {schedules_per_project: 1}\n')
  clock = frozenClock()
  applying = Promise.resolve()
  ;[applied, refused, notices, refuseNext, leftOut, waiting] = [[], [], [], undefined, [], []]
  const first = readSettings(file, {})
  if (!first.ok) throw new Error('not valid')
  live = makeLiveSettings(first.value, {
    file,
    env: {},
    clock,
    apply(settings) {
      if (refuseNext !== undefined) return Promise.reject(new Error(refuseNext))
      applied.push(settings)
      return applying.then(() => waiting)
    },
    looked(look) {
      if (look.kind === 'refused') refused.push(...look.problem.diagnostics.map(({ message }) => message))
      else notices.push(`${look.kind}: ${look.text.replace(file, 'FILE')}`)
      if (look.kind === 'taken') leftOut.push(...look.leftOut.diagnostics.map(({ message }) => message))
    },
  })
})

describe('a configuration that is followed', () => {
  it('takes over what changed', async () => {
    writeFileSync(file, 'limits: {schedules_per_project: 2}\n')
    await live.look('changed')
    expect(applied.map(({ limits }) => limits.schedulesPerProject)).toEqual([2])
    expect(live.current().limits.schedulesPerProject).toBe(2)
    expect(notices).toEqual(['taken: FILE is read: 0 projects'])
  })

  it('does nothing when only the text is another', async () => {
    writeFileSync(file, '# a remark\nlimits: {schedules_per_project: 1}\n')
    await live.look('changed')
    expect([applied, notices]).toEqual([[], []])
    await live.look('asked')
    expect(applied).toHaveLength(1)
  })

  it('names what holds after the next start only', async () => {
    writeFileSync(file, 'listen: 127.0.0.1:1\nconcurrency: 99\nexternal_url: http://ci.example.test\n')
    await live.look('changed')
    expect(notices).toEqual([
      'taken: FILE is read: 0 projects; listen, external_url, concurrency will hold after the next start',
    ])
  })

  it.each([
    ['cache: {max_size: 1 MiB}', 'cache'],
    ['language: {ci_pipeline_size: 5}', 'language'],
  ])('says that %s waits for the next start', async (text, key) => {
    writeFileSync(file, `limits: {schedules_per_project: 1}\n${text}\n`)
    await live.look('changed')
    expect(notices).toEqual([`taken: FILE is read: 0 projects; ${key} will hold after the next start`])
  })

  it('keeps the old one when the file is wrong, and takes the next that is right', async () => {
    writeFileSync(file, 'limit: 1\n')
    await live.look('changed')
    expect(refused).toEqual(['unknown key "limit" at the top level'])
    expect(live.current().limits.schedulesPerProject).toBe(1)
    writeFileSync(file, 'limits: {schedules_per_project: 3}\n')
    await live.look('changed')
    expect(live.current().limits.schedulesPerProject).toBe(3)
  })

  it.each([
    ['a schedule', '- {id: 1, name: g/a, path: ., schedules: [{cron: "61 * * * *", ref: main}]}'],
    ['a pattern', '- {id: 1, name: g/a, path: ., watch: {branches: ["/(/"]}}'],
    ['a second project of one path', '- {id: 1, name: g/a, path: .}\n- {id: 2, name: g/b, path: .}'],
  ])('keeps the old one when %s is wrong in itself', async (_what, projects) => {
    writeFileSync(file, `projects:\n${projects}\n`)
    await live.look('changed')
    expect([refused.length, applied]).toEqual([1, []])
  })

  it('takes a file of which one repository is away, and says so', async () => {
    writeFileSync(file, 'projects: [{id: 1, name: g/a, path: nowhere}, {id: 2, name: g/b, path: .}]\n')
    waiting = [{ severity: 'warning', code: 'x', message: 'g/b cannot be opened' }]
    await live.look('changed')
    expect(applied.map(({ projects }) => projects.map(({ kind }) => kind))).toEqual([['missing', 'folder']])
    expect(leftOut.map((text) => text.replace(dirname(file), 'DIR'))).toEqual([
      'g/b cannot be opened',
      'projects[0].path DIR/nowhere does not exist',
    ])
  })

  it('makes what changed around it hold, and keeps that', async () => {
    await live.adjust((settings) => ({ ...settings, concurrency: 7 }))
    expect([applied.map(({ concurrency }) => concurrency), live.current().concurrency]).toEqual([[7], 7])
    expect(notices).toEqual([])
  })

  it('looks on after what changed around it could not be carried out', async () => {
    refuseNext = 'no room'
    await expect(live.adjust((settings) => ({ ...settings, concurrency: 7 }))).rejects.toThrow('no room')
    expect(live.current().concurrency).not.toBe(7)
    refuseNext = undefined
    writeFileSync(file, 'limits: {schedules_per_project: 2}\n')
    await live.look('changed')
    expect(live.current().limits.schedulesPerProject).toBe(2)
  })

  it('waits at its stop for what is being applied, and applies nothing more', async () => {
    let finish = (): void => undefined
    applying = new Promise((resolve) => (finish = resolve))
    writeFileSync(file, 'limits: {schedules_per_project: 2}\n')
    const looked = live.look('changed')
    await new Promise((resolve) => setImmediate(resolve))
    const later = live.look('asked')
    let isStopped = false
    const stopped = live.stop().then(() => (isStopped = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isStopped).toBe(false)
    finish()
    await Promise.all([looked, later, stopped])
    expect(applied).toHaveLength(1)
  })

  it('keeps the old one when the new one cannot be carried out', async () => {
    refuseNext = 'group/app (/repo): is not a git repository any more'
    writeFileSync(file, 'limits: {schedules_per_project: 2}\n')
    await live.look('changed')
    expect(live.current().limits.schedulesPerProject).toBe(1)
    expect(notices).toEqual([
      `kept: FILE is not taken over: ${refuseNext}; the configuration stays as it was`,
    ])
  })

  it('waits a moment for a file that is empty or away', async () => {
    writeFileSync(file, '')
    const looked = live.look('changed')
    await Promise.resolve()
    writeFileSync(file, 'limits: {schedules_per_project: 2}\n')
    clock.advance(1000)
    await looked
    expect(live.current().limits.schedulesPerProject).toBe(2)
    expect(notices).toEqual(['taken: FILE is read: 0 projects'])
  })

  it.each([
    ['empty', () => writeFileSync(file, '\n'), 'kept: FILE is empty; the configuration stays as it was'],
    [
      'all remarks',
      () => writeFileSync(file, '# limits: 1\n\n'),
      'kept: FILE is empty; the configuration stays as it was',
    ],
    ['gone', () => rmSync(file), 'kept: FILE cannot be read; the configuration stays as it was'],
    [
      'renamed',
      () => renameSync(file, `${file}~`),
      'kept: FILE cannot be read; the configuration stays as it was',
    ],
  ])('keeps the old one when the file is %s', async (_title, happen, notice) => {
    happen()
    const looked = live.look('changed')
    await Promise.resolve()
    clock.advance(1000)
    await looked
    expect([applied, notices]).toEqual([[], [notice]])
  })
})
