import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { sharedSync } from '../../src/store/group-sync.ts'
import { openStore } from '../../src/store/store.ts'
import { temporaryFolder } from '../support/git.ts'

/** A disk whose flushes end when the test says so. */
function puppetDisk() {
  const flushes: { end(): void; fail(error: Error): void }[] = []
  const synced = sharedSync(
    () => new Promise((resolve, reject) => void flushes.push({ end: () => resolve(), fail: reject })),
  )
  return { flushes, synced }
}

/** Notes when a promise is settled, and how. */
function noted(promise: Promise<void>, name: string, into: string[]): void {
  promise.then(
    () => into.push(name),
    (error: unknown) => into.push(`${name}: ${String(error)}`),
  )
}

const moment = () => new Promise<void>((resolve) => void setImmediate(resolve))

it('one flush serves all who came before it began, and nobody who came later', async () => {
  const { flushes, synced } = puppetDisk()
  const over: string[] = []
  noted(synced(), 'first', over)
  await moment()
  expect(flushes).toHaveLength(1)
  for (const name of ['second', 'third']) noted(synced(), name, over)
  await moment()
  expect(flushes).toHaveLength(1)
  flushes[0]?.end()
  await moment()
  expect([over, flushes.length]).toEqual([['first'], 2])
  noted(synced(), 'fourth', over)
  flushes[1]?.end()
  await moment()
  expect([over, flushes.length]).toEqual([['first', 'second', 'third'], 3])
})

it('a flush that fails is told to those who wait for it; the next ones get another', async () => {
  const { flushes, synced } = puppetDisk()
  const over: string[] = []
  noted(synced(), 'first', over)
  await moment()
  noted(synced(), 'second', over)
  flushes[0]?.fail(new Error('EIO'))
  await moment()
  expect(over).toEqual(['first: Error: EIO'])
  flushes[1]?.end()
  await moment()
  expect(over).toEqual(['first: Error: EIO', 'second'])
})

it('flushes the log of a real database, which a checkpoint may have emptied', async () => {
  const folder = temporaryFolder()
  const store = openStore(folder, { powerSafe: true })
  store.write('normal', () => store.users.put({ username: 'root', name: 'Root', email: 'root@example.test' }))
  expect(existsSync(join(folder, 'sluice.db-wal'))).toBe(true)
  await Promise.all([store.synced(), store.synced()])
  store.write('full', () => store.users.put({ username: 'max', name: 'Max', email: 'max@example.test' }))
  await store.synced()
  store.close()
})
