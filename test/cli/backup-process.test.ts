import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { backUpInProcess } from '../../src/cli/backup-process.ts'
import { err, ok } from '../../src/shared/result.ts'
import { temporaryFolder } from '../support/state-folder.ts'

/** Calls a program in the place of `sluice`, with the folder that it may write to. */
function run(script: string, signal = new AbortController().signal) {
  const folder = temporaryFolder()
  const entry = join(folder, 'sluice.mjs')
  writeFileSync(entry, `import { writeFileSync } from 'node:fs'\n${script}`)
  const wanted = { stateDir: folder, target: join(folder, 'backup.zip'), withFiles: false }
  return { folder, made: backUpInProcess(wanted, { entry, env: process.env }, signal) }
}

it('writes to the target that it is given', async () => {
  const { folder, made } = run("writeFileSync(process.argv.at(-1), 'a backup')")
  expect(await made).toEqual(ok(true))
  expect(existsSync(join(folder, 'backup.zip'))).toBe(true)
})

it('fails with what it says', async () => {
  const { made } = run("console.error('error: no room'); process.exitCode = 6")
  expect(await made).toEqual(err('no room'))
})

it('fails with how it ended when it says nothing', async () => {
  expect(await run('process.kill(process.pid, "SIGKILL")').made).toEqual(
    err('its process ended with SIGKILL'),
  )
})

it('is not over before the process is that it was told to end', async () => {
  const ending = new AbortController()
  const { folder, made } = run(
    `const alive = setInterval(() => {}, 1000)
     process.on('SIGTERM', () => setTimeout(() => {
       writeFileSync(process.argv.at(-1), 'late')
       clearInterval(alive)
     }, 50))
     writeFileSync(process.argv.at(-1) + '.begun', '')`,
    ending.signal,
  )
  await expect.poll(() => existsSync(join(folder, 'backup.zip.begun'))).toBe(true)
  ending.abort()
  await made
  expect(existsSync(join(folder, 'backup.zip'))).toBe(true)
})
