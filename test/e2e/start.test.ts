import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { makeHome, sluice } from '../support/sluice.ts'

const home = makeHome()

it('--version prints the version of the package', async () => {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  expect(await sluice(home, ['--version'])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
})

it('alone prints five ways on, and runs nothing', async () => {
  const { code, stdout } = await sluice(home, [])
  expect(code).toBe(0)
  expect(stdout.match(/^ {2}sluice /gm)).toHaveLength(5)
})

it.each([[['--help']], [['run', '--help']], [['help', 'serve']]])('%j prints help', async (args) => {
  expect(await sluice(home, args)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: sluice'),
    stderr: '',
  })
})
