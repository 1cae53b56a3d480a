import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { awaitReturn, type ReturnOptions } from '../../src/app/returning-projects.ts'
import { readSettings } from '../../src/settings/read.ts'
import { frozenClock } from '../support/engine.ts'
import { temporaryFolder } from '../support/git.ts'

it('tells once why projects that are back cannot be served, and serves them when they can', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, 'projects: [{id: 1, name: g/a, path: away}]\n')
  const read = readSettings(file, {})
  if (!read.ok) throw new Error('not valid')
  const clock = frozenClock()
  const notices: string[] = []
  let refusal: string | undefined = 'no room'
  let closed = read.value.projects
  const back = vi.fn<ReturnOptions['back']>(() => {
    if (refusal !== undefined) return Promise.reject(new Error(refusal))
    closed = []
    return Promise.resolve()
  })
  const open = vi.fn<ReturnOptions['opener']['open']>(() =>
    Promise.resolve({ projects: [], closed: [], problems: [] }),
  )
  const end = awaitReturn({
    clock,
    opener: { open },
    closed: () => closed,
    settings: () => read.value,
    back,
    notice: (text) => notices.push(text),
  })
  const pass = async (): Promise<void> => {
    clock.advance(5000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await pass()
  expect(back).not.toHaveBeenCalled()
  mkdirSync(join(folder, 'away'))
  await pass()
  await pass()
  expect(back).toHaveBeenCalledTimes(2)
  expect(notices).toEqual(['projects that are back cannot be served yet: no room'])
  refusal = undefined
  await pass()
  await pass()
  expect([back.mock.calls.length, closed, notices.length]).toEqual([3, [], 1])
  end()
})
