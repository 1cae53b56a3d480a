import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freeBytes } from '../../src/platform/disk.ts'
import { temporaryFolder } from '../support/git.ts'

it('agrees with df, also for what does not exist yet', async () => {
  const folder = temporaryFolder()
  const df = Number(
    execFileSync('df', ['--output=avail', '-B1', folder], { encoding: 'utf8' }).split('\n')[1],
  )
  const slack = 2 * 1024 ** 3
  expect(Math.abs((await freeBytes(folder)) - df)).toBeLessThan(slack)
  expect(Math.abs((await freeBytes(join(folder, 'not/yet'))) - df)).toBeLessThan(slack)
  expect(await freeBytes('/proc')).toBe(0)
})
