import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
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
    log.flush()
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  await expect.poll(written).toMatch(/^\{"level":"warn",.*"msg":"after"\}\n/)
  expect([statSync(`${file}.1`), statSync(file)].map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o600])
})
