import { expect, it } from 'vitest'
import { jobsByProcess } from '../../../src/platform/job-processes.ts'
import type { BuildEnvironment, RunningScript } from '../../../src/runner/executors/executor.ts'
import { notedEnvironment } from '../../../src/runner/stages/noted-environment.ts'
import { err, ok } from '../../../src/shared/result.ts'

const DESCRIPTORS = { script: 0, output: 1, file: () => 2 }

function environment(start: BuildEnvironment['start']): BuildEnvironment {
  return {
    buildsDir: '/builds',
    projectDir: '/builds/a',
    tempDir: '/builds/a.tmp',
    repository: { gitDir: '/mirror', objects: [] },
    mountPoints: [],
    prologue: '',
    start,
  }
}

it.each<[string, (end: () => void, fail: () => void) => void]>([
  ['ends', (end) => end()],
  ['is lost', (_end, fail) => fail()],
])('notes the processes of a script until it %s', async (_what, finish) => {
  let end = (): void => {}
  let fail = (): void => {}
  const ended: RunningScript['ended'] = new Promise((resolve, reject) => {
    end = () => resolve(ok({ kind: 'exited', code: 0 }))
    fail = () => reject(new Error('lost'))
  })
  const script = { pid: 51, helpers: [52], ended, terminate() {}, kill() {}, sweep: async () => null }
  const started = await notedEnvironment(
    environment(() => Promise.resolve(ok(script))),
    7,
  ).start(DESCRIPTORS)
  expect(started).toEqual(ok(script))
  expect(new Map(jobsByProcess())).toEqual(
    new Map([
      [51, 7],
      [52, 7],
    ]),
  )
  finish(end, fail)
  await ended.catch(() => undefined)
  await Promise.resolve()
  expect(jobsByProcess().size).toBe(0)
})

it('notes nothing when nothing was started', async () => {
  const failing = notedEnvironment(
    environment(() => Promise.resolve(err('no bash'))),
    7,
  )
  expect(await failing.start(DESCRIPTORS)).toEqual(err('no bash'))
  expect(jobsByProcess().size).toBe(0)
})
