import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { answerStore, buildOf } from '../../src/cli/answer-store.ts'
import { temporaryFolder } from '../support/git.ts'

it('lies in the cache folder of the user', () => {
  const cache = temporaryFolder()
  answerStore({ env: { XDG_CACHE_HOME: cache } }).put('key', 'text')
  expect(readdirSync(join(cache, 'sluice', 'configs'))).toHaveLength(1)
})

it('tells two builds of one version apart', () => {
  const entry = join(temporaryFolder(), 'main.js')
  writeFileSync(entry, '')
  utimesSync(entry, 1, 1)
  const first = buildOf({ version: '1.0.0', entry })
  expect(buildOf({ version: '1.0.0', entry })).toBe(first)
  expect(buildOf({ version: '1.0.1', entry })).not.toBe(first)
  utimesSync(entry, 2, 2)
  expect(buildOf({ version: '1.0.0', entry })).not.toBe(first)
})
