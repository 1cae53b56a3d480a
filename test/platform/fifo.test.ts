import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeFifos, openFifo } from '../../src/platform/fifo.ts'
import { signalGroup, startGroup } from '../../src/platform/process.ts'

let folder: string
let path: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-fifo-'))
  path = join(folder, 'pipe')
  await makeFifos([path])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function write(script: string, writeEnd: number): Promise<number> {
  const started = await startGroup({
    file: 'bash',
    args: ['-c', script],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: '/',
    stdio: ['ignore', writeEnd, writeEnd],
  })
  if (!started.ok) throw new Error(started.error)
  return started.value.pid
}

it('only this user may open it', () => expect(statSync(path).mode & 0o777).toBe(0o600))

it('fails with a reason where no pipe can be made', async () => {
  await expect(makeFifos([join(folder, 'missing/pipe')])).rejects.toThrow('mkfifo failed')
})

it.each([0, 1, 65_536, 3_000_000])(
  '%i bytes arrive, then the end; the pipe can be used again',
  async (size) => {
    let sum = 0
    const output = openFifo(path, async (bytes) => void (sum += bytes.length))
    await write(`head -c ${size} /dev/zero`, output.writeEnd)
    output.closeWriteEnd()
    expect(await output.ended).toBe(true)
    expect([sum, output.received()]).toEqual([size, size])
  },
)

it('stops reading while two pieces wait, and goes on in order', async () => {
  const pieces: number[] = []
  const waiting: (() => void)[] = []
  let arrived: () => void = () => {}
  const output = openFifo(path, (bytes) => {
    pieces.push(bytes.length)
    arrived()
    return new Promise((resolve) => waiting.push(resolve))
  })
  await write('head -c 1000000 /dev/zero', output.writeEnd)
  output.closeWriteEnd()
  while (pieces.length < 2) await new Promise<void>((resolve) => (arrived = resolve))
  expect(pieces.length).toBe(2)
  let ended = false
  void output.ended.then(() => (ended = true))
  while (!ended) {
    waiting.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(pieces.reduce((sum, size) => sum + size)).toBe(1_000_000)
})

it('can be closed although somebody may still write', async () => {
  const output = openFifo(path, async () => {})
  const writer = await write('sleep 1000', output.writeEnd)
  output.closeWriteEnd()
  output.close()
  expect(await output.ended).toBe(false)
  signalGroup(writer, 'SIGKILL')
})
