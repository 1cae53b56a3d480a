import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/state-folder.ts'

function read(text: string): unknown {
  const folder = temporaryFolder()
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, text)
  const settings = readSettings(file, {})
  if (!settings.ok) return settings.error.diagnostics.map(({ message }) => message)
  const { backup } = settings.value
  return backup?.dir ? { ...backup, dir: relative(folder, backup.dir) } : backup
}

it.each([
  ['{}', null],
  ['backup:', null],
  ['backup: {every: 1 day}', { everyMs: 86_400_000, keep: 7, dir: null, withFiles: false }],
  [
    'backup: {every: 6 hours, keep: 28, path: ../copies, with_files: true}',
    { everyMs: 21_600_000, keep: 28, dir: '../copies', withFiles: true },
  ],
  ['backup: {keep: 3}', ['backup has no "every"']],
  ['backup: daily', ['backup must be a mapping of keys to values, not "daily"']],
  [
    'backup: {every: 5 seconds}',
    ['backup.every must be a duration such as 1 day, at least one minute, not "5 seconds"'],
  ],
  ['backup: {every: 1 day, keep: 0}', ['backup.keep must be a whole number from 1 up, not 0 (a number)']],
  ['backup: {every: 1 day, to: x}', ['unknown key "to" in backup']],
])('%s', (text, expected) => {
  expect(read(text)).toEqual(expected)
})
