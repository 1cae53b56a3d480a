import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/state-folder.ts'

function read(text: string): unknown {
  const file = join(temporaryFolder(), 'runner.config.yaml')
  writeFileSync(file, text)
  const settings = readSettings(file, {})
  return settings.ok ? settings.value.artifacts : settings.error.diagnostics.map(({ message }) => message)
}

it.each([
  ['', { expireSeconds: 2_592_000, keepLatest: true }],
  ['artifacts: {expire_in: 1 week}', { expireSeconds: 604_800, keepLatest: true }],
  ['artifacts: {expire_in: never, keep_latest: false}', { expireSeconds: 0, keepLatest: false }],
  [
    'artifacts: {expire_in: soon}',
    ['artifacts.expire_in must be a duration such as 30 days, or never, not "soon"'],
  ],
  ['artifacts: {keep: true}', ['unknown key "keep" in artifacts']],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected)
})
