import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder, writeFiles } from '../support/git.ts'

const folder = temporaryFolder()
writeFiles(folder, { 'ci/a.yml': '', 'web/b.yml': '', file: 'x' })

function read(text: string): ReturnType<typeof readSettings> {
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, text)
  return readSettings(file, {})
}

function problems(text: string): string[] {
  const result = read(text)
  if (result.ok) return []
  return result.error.diagnostics.map(({ code, location, message }) =>
    `${location?.line}:${location?.column} ${code} ${message}`.replaceAll(folder, 'DIR'),
  )
}

it('reads folders relative to the file, names in small letters', () => {
  const text =
    'includes:\n  projects: {Group/CI: ci}\n  remote: {Example.com: web}\n  templates: ci\n  cache: not-yet\n'
  expect(read(text)).toMatchObject({
    ok: true,
    value: {
      includes: {
        projects: new Map([['group/ci', join(folder, 'ci')]]),
        remote: new Map([['example.com', join(folder, 'web')]]),
        templates: join(folder, 'ci'),
        cache: join(folder, 'not-yet'),
      },
    },
  })
})

it.each(['includes:\n', 'includes: {}\n', 'includes: {projects: , remote: {}}\n'])(
  'takes %j for nothing',
  (text) => {
    expect(read(text)).toMatchObject({ ok: true, value: { includes: { projects: new Map(), cache: null } } })
  },
)

describe('what is wrong is told with its place', () => {
  it.each([
    ['includes: {project: {}}', '1:12 config.unknown_key unknown key "project" in includes'],
    ['includes: [a]', '1:11 config.wrong_type includes must be a mapping of keys to values, not a list'],
    [
      'includes: {projects: {ci: ci}}',
      '1:23 config.invalid_name includes.projects "ci" is not of the form namespace/project',
    ],
    [
      'includes: {remote: {"https://a.b": web}}',
      '1:21 config.invalid_name includes.remote "https://a.b" is not a host name: write it without "https://" and without a path',
    ],
    [
      'includes: {projects: {a/b: gone}}',
      '1:28 config.missing_folder includes.projects.a/b DIR/gone is not a folder',
    ],
    ['includes: {templates: file}', '1:23 config.missing_folder includes.templates DIR/file is not a folder'],
  ])('%s', (text, problem) => {
    expect(problems(`${text}\n`)).toEqual([problem])
  })
})
