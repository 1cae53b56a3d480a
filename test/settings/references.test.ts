import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const ENV = { DEPLOY_TOKEN: 's3cret-and-long', SHORT: 'abc', EMPTY: '' }

function read(variables: string, where: 'project' | 'schedule' = 'project') {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'token'), 'from-a-file\n')
  writeFileSync(join(folder, 'key'), '-----BEGIN KEY-----\nabc\n-----END KEY-----\n')
  const file = join(folder, 'runner.config.yaml')
  const body =
    where === 'project'
      ? `variables: ${variables}`
      : `schedules: [{cron: '0 4 * * *', ref: main, variables: ${variables}}]`
  writeFileSync(file, `projects: [{id: 1, name: a/b, path: ., ${body}}]`)
  const settings = readSettings(file, ENV)
  if (!settings.ok) return settings.error.diagnostics.map(({ message }) => message.replaceAll(folder, 'DIR'))
  const [project] = settings.value.projects
  const found = where === 'project' ? project?.variables : project?.schedules[0]?.variables
  return Object.fromEntries((found ?? []).map(({ key, value }) => [key, value]))
}

it.each([
  ['{A: "${DEPLOY_TOKEN}"}', { A: 's3cret-and-long' }],
  ['{A: {value: "${DEPLOY_TOKEN}", masked: true}}', { A: 's3cret-and-long' }],
  ['{A: "file:token"}', { A: 'from-a-file' }],
  ['{A: {value: "file:token", masked: true}}', { A: 'from-a-file' }],
  // Tools that read keys want the line break at the end.
  ['{A: {value: "file:key", type: file}}', { A: '-----BEGIN KEY-----\nabc\n-----END KEY-----\n' }],
  // How CI variables are written stays theirs.
  [
    '{A: "${CI_COMMIT_SHA}", B: "${OTHER}", C: "$DEPLOY_TOKEN", D: "x${DEPLOY_TOKEN}"}',
    { A: '${CI_COMMIT_SHA}', B: '${OTHER}', C: '$DEPLOY_TOKEN', D: 'x${DEPLOY_TOKEN}' },
  ],
  ['{A: "file:///srv/x.db"}', { A: 'file:///srv/x.db' }],
  [
    '{A: {value: "${DEPLOY_TOKEN}", raw: true}, B: {value: "file:token", raw: true}}',
    { A: '${DEPLOY_TOKEN}', B: 'file:token' },
  ],
])('%s', (variables, values) => {
  expect(read(variables)).toEqual(values)
  expect(read(variables, 'schedule')).toEqual(values)
})

it.each([
  [
    '{A: {value: "${NOWHERE_SET}", masked: true}}',
    'projects[0].variables.A.value: the environment variable NOWHERE_SET is not set',
  ],
  [
    '{A: {value: "${SHORT}", masked: true}}',
    'value of A has 3 characters; masking needs 8 characters or more and no line break',
  ],
  ['{A: "file:nothing"}', 'projects[0].variables.A: cannot read DIR/nothing'],
])('%s is a mistake', (variables, message) => {
  expect(read(variables)).toEqual([message])
})

it('the same token in two projects, each from elsewhere, is an error', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'token'), 's3cret-and-long\n')
  const project = (id: number, path: string, token: string): string =>
    `  - {id: ${id}, name: a/p${id}, path: ${path}, triggers: [{token: "${token}"}]}\n`
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, `projects:\n${project(1, '.', 'file:token')}${project(2, '..', '${DEPLOY_TOKEN}')}`)
  const settings = readSettings(file, ENV)
  expect(settings.ok ? [] : settings.error.diagnostics.map(({ message }) => message)).toEqual([
    'projects[1].triggers[0].token is the same token as projects[0].triggers[0].token',
  ])
})

it('two projects with one path, or one id', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, 'projects:\n  - {id: 1, name: a/b, path: .}\n  - {id: 1, name: a/c, path: ./}\n')
  const settings = readSettings(file, ENV)
  const codes = settings.ok ? settings.value.leftOut.diagnostics.map(({ code }) => code) : []
  expect(codes).toHaveLength(2)
  expect(codes[0]).toContain('id')
  expect(codes[1]).toContain('path')
})
