import { execFile } from 'node:child_process'
import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { chooseColors } from '../../src/cli/colors.ts'
import { serveLog } from '../../src/cli/serve-log.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const NOBODY = {
  version: '1',
  packageRoot: '/',
  entry: '/',
  env: {},
  stdoutIsTerminal: false,
  elapsed: () => 0,
  outlive: () => undefined,
  out: () => undefined,
  err: () => undefined,
}

it('goes on in a new file of the same mode when the old one was moved away', async () => {
  const file = join(temporaryFolder(), 'daemon.log')
  const log = serveLog(NOBODY, chooseColors('never', {}, false), file)
  log.tell('before')
  await expect.poll(() => readFileSync(file, 'utf8')).toMatch(/^\{"level":"info",.*"msg":"before"\}\n$/)
  renameSync(file, `${file}.1`)
  log.reopen()
  const written = (): string => {
    log.warn('after')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  await expect.poll(written).toMatch(/^\{"level":"warn",.*"msg":"after"\}\n/)
  expect([statSync(`${file}.1`), statSync(file)].map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600])
})

it('ends when all is written, and loses what comes afterwards', async () => {
  const file = join(temporaryFolder(), 'daemon.log')
  const log = serveLog(NOBODY, chooseColors('never', {}, false), file)
  for (let line = 0; line < 1000; line++) log.tell(`line ${line}`)
  await log.end()
  log.tell('too late')
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect([lines.length, lines.at(-1)]).toEqual([1000, expect.stringContaining('"line 999"')])
})

it.skipIf(!existsSync('/dev/full'))(
  'ends also where nothing can be written, and so does the process',
  async () => {
    const program = `
    import { serveLog } from ${JSON.stringify(join(import.meta.dirname, '../../src/cli/serve-log.ts'))}
    const context = { stdoutIsTerminal: false, err: (text) => process.stdout.write(text) }
    const log = serveLog(context, {}, '/dev/full')
    for (let line = 0; line < 100; line++) log.tell('line')
    await log.end()
    console.log('ended')`
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    expect(stdout).toBe('warning: /dev/full: Error: ENOSPC: no space left on device, write\nended\n')
  },
)
