import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ownIdentity, processIdentity } from '../../../src/platform/process-identity.ts'
import { lockSlot, unlockSlot } from '../../../src/runner/workspace/slot-lock.ts'

let slot: string
beforeEach(() => void (slot = mkdtempSync(join(tmpdir(), 'sluice-lock-'))))
afterEach(() => rmSync(slot, { recursive: true, force: true }))

const dead = { pid: 4_000_000, pidStart: '1', bootId: ownIdentity().bootId }
const owner = () => JSON.parse(readFileSync(join(slot, 'lock'), 'utf8')) as unknown

it('one process gets it, nobody else, and again after it was given back', () => {
  expect(lockSlot(slot)).toBe(true)
  expect(owner()).toEqual(ownIdentity())
  expect(lockSlot(slot)).toBe(false)
  unlockSlot(slot)
  expect(lockSlot(slot)).toBe(true)
  expect(readdirSync(slot)).toEqual(['lock'])
})

it('a living process keeps it', async () => {
  const other = spawn('sleep', ['1000'])
  await once(other, 'spawn')
  const identity = processIdentity(other.pid ?? 0)
  if (!identity) throw new Error('sleep has no identity')
  expect(lockSlot(slot, identity)).toBe(true)
  expect(lockSlot(slot)).toBe(false)
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(lockSlot(slot)).toBe(true)
})

it.each([
  ['has ended', dead],
  ['has a pid that another process has now', { ...ownIdentity(), pidStart: '1' }],
  ['lived before the last boot', { ...ownIdentity(), bootId: '00000000-0000-0000-0000-000000000000' }],
])('is taken over from one that %s', (_, identity) => {
  expect(lockSlot(slot, identity)).toBe(true)
  expect(lockSlot(slot)).toBe(true)
  expect(owner()).toEqual(ownIdentity())
  expect(readdirSync(slot)).toEqual(['lock'])
})

it('of many that find a dead owner, one wins', async () => {
  lockSlot(slot, dead)
  const module = JSON.stringify(join(import.meta.dirname, '../../../src/runner/workspace/slot-lock.ts'))
  const script = `import { lockSlot } from ${module}; console.log(lockSlot(${JSON.stringify(slot)})); await new Promise((resolve) => process.stdin.on('end', resolve).resume())`
  const rivals = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  const answers = await Promise.all(
    rivals.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()),
  )
  for (const rival of rivals) rival.stdin.end()
  expect(answers.toSorted()).toEqual(['false', 'false', 'false', 'true'])
})
