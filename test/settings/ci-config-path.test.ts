import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/git.ts'

function read(written: string): ReturnType<typeof readSettings> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'work/.git'), { recursive: true })
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, `projects:\n  - id: 9\n    name: local/app\n    path: work\n${written}`)
  return readSettings(file, {})
}

it.each<[string, string | null]>([
  ['', null],
  ['    ci_config_path: ci/main.yml\n', 'ci/main.yml'],
  ['    ci_config_path: main.yml@group/ci:v1\n', 'main.yml@group/ci:v1'],
  ['    ci_config_path: https://example.com/main.yml\n', 'https://example.com/main.yml'],
])('%j', (written, path) => {
  const settings = read(written)
  expect(settings.ok && settings.value.projects[0]?.configPath).toBe(path)
})

it.each(['../main.yml', '/main.yml', 'ci//main.yml', './main.yml'])(
  '%s is no path in a repository',
  (path) => {
    const settings = read(`    ci_config_path: ${path}\n`)
    expect(settings.ok ? [] : settings.error.diagnostics.map(({ message }) => message)).toEqual([
      `projects[0].ci_config_path "${path}" is not a path in the repository`,
    ])
  },
)
