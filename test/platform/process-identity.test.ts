import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isAlive, ownIdentity, processIdentity } from '../../src/platform/process-identity.ts'
import { temporaryFolder } from '../support/git.ts'

it('names this process by start time and boot', () => {
  const own = ownIdentity()
  expect(own.pid).toBe(process.pid)
  expect(own.bootId).toBe(readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  // The name of node's process holds no space, so that here field 22 can be counted naively.
  expect(own.pidStart).toBe(
    readFileSync('/proc/self/stat', 'utf8')
      .replace(/^(\d+) \(.*\) /s, '$1 x ')
      .split(' ')[21],
  )
  expect(isAlive(own)).toBe(true)
})

it.each([
  ['another start time', { pidStart: '1' }],
  ['another boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ['no such pid', { pid: 2 ** 30 }],
])('takes a process for dead: %s', (_, change) =>
  expect(isAlive({ ...ownIdentity(), ...change })).toBe(false),
)

it('reads the start time of a process whose name holds spaces and parentheses', async () => {
  const program = join(temporaryFolder(), 'a) S 1 (b')
  copyFileSync('/bin/cat', program)
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.write('up')
  await once(child.stdout, 'data')
  const identity = processIdentity(child.pid ?? 0)
  const own = ownIdentity()
  expect(Number(identity?.pidStart)).toBeGreaterThanOrEqual(Number(own.pidStart))
  expect(identity && isAlive(identity)).toBe(true)
  child.stdin.end()
  await once(child, 'close')
  expect(identity && isAlive(identity)).toBe(false)
})

it('takes a zombie for dead', async () => {
  // The inner shell ends only when the outer one has become a `cat`, which never waits for it.
  const script = 'until [[ $(< /proc/$$/comm) == cat ]]; do :; done & echo $!; exec cat'
  const parent = spawn('bash', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] })
  const [chunk] = await once(parent.stdout, 'data')
  const zombie = Number(String(chunk).trim())
  while (!/\) Z /.test(readFileSync(`/proc/${zombie}/stat`, 'utf8')))
    await new Promise((resolve) => setImmediate(resolve))
  expect(existsSync(`/proc/${zombie}`)).toBe(true)
  expect(processIdentity(zombie)).toBeUndefined()
  parent.stdin.end()
  await once(parent, 'close')
})
