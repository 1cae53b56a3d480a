// What a watch of a work tree tells, with real files and events and a clock of the test's own.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { watchWorkTree } from '../../src/sources/work-tree/watch-work-tree.ts'
import { makeRepository, type TestRepository } from '../support/git.ts'

/** `pass`: lets time go by until a timer rings; when there is none, waits for something to happen. */
async function watched(repository: TestRepository) {
  let now = 0
  let changes = 0
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  const waiting: (() => void)[] = []
  const wake = (): void => waiting.splice(0).forEach((resolve) => resolve())
  const next = (): Promise<void> => new Promise((resolve) => waiting.push(resolve))
  const tree = watchWorkTree(repository.root, {
    clock: {
      now: () => now,
      monotonic: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run }
        timers.add(timer)
        wake()
        return () => timers.delete(timer)
      },
    },
    changed() {
      changes++
      wake()
    },
    limited(message) {
      throw new Error(message)
    },
  })
  onTestFinished(() => tree.close())
  await tree.ready
  return {
    changes: () => changes,
    async pass() {
      if (timers.size === 0) await next()
      const [first] = [...timers].toSorted((a, b) => a.at - b.at)
      if (!first) return
      now = Math.max(now, first.at)
      timers.delete(first)
      first.run()
    },
  }
}

it('waits while git holds the index, and not for a lock that stays', async () => {
  const repository = makeRepository({ files: { a: '1' } })
  const here = await watched(repository)
  const lock = join(repository.gitDir, 'index.lock')
  writeFileSync(lock, '')
  repository.write({ a: '2' })
  for (let round = 0; round < 20; round++) await here.pass()
  expect(here.changes()).toBe(0)
  rmSync(lock)
  while (here.changes() < 1) await here.pass()
  writeFileSync(lock, '')
  repository.write({ a: '3' })
  while (here.changes() < 2) await here.pass()
})

it('finds the lock of a linked work tree', async () => {
  const main = makeRepository({ files: { a: '1' } })
  const root = `${main.root}-linked`
  main.git('worktree', 'add', '-q', root)
  const gitDir = main.git('-C', root, 'rev-parse', '--absolute-git-dir')
  const here = await watched({ ...main, root })
  writeFileSync(join(gitDir, 'index.lock'), '')
  writeFileSync(join(root, 'a'), '2')
  for (let round = 0; round < 20; round++) await here.pass()
  expect(here.changes()).toBe(0)
})

it('watches anew when the folder was moved away and is back', async () => {
  const repository = makeRepository({ files: { a: '1', 'b/c': '1' } })
  const here = await watched(repository)
  renameSync(repository.root, `${repository.root}-aside`)
  while (here.changes() < 1) await here.pass()
  await here.pass() // it looks, and there is none
  mkdirSync(repository.root)
  rmSync(repository.root, { recursive: true })
  renameSync(`${repository.root}-aside`, repository.root)
  while (here.changes() < 2) await here.pass()
  repository.write({ 'b/c': '2' })
  while (here.changes() < 3) await here.pass()
  expect(here.changes()).toBeGreaterThan(2)
})
