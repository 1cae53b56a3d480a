import { expect, it } from 'vitest'
import { describeCrash } from '../../src/cli/crash.ts'

const withCode = (code: string): Error => Object.assign(new Error('write failed'), { code })

it.each(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])('%s is the machine: 6', (code) => {
  expect(describeCrash(withCode(code))).toEqual({
    text: 'error: no room left on the disk: Error: write failed\n',
    exitCode: 6,
  })
})

it('anything else is a bug of ours: 70, and says so', () => {
  const { text, exitCode } = describeCrash(withCode('EPERM'))
  expect(exitCode).toBe(70)
  expect(text).toMatch(
    /^error: this should not have happened; it is a bug of Sluice\nError: write failed\n {4}at /,
  )
})
