import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/git.ts'

function variablesOf(text: string) {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'work/.git'), { recursive: true })
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, text)
  const read = readSettings(file, {})
  if (!read.ok) throw new Error(read.error.diagnostics.map(({ message }) => message).join('\n'))
  return read.value.projects[0]?.variables
}

it('declared variables say where they stand, and may be protected', () => {
  const text = `projects:
  - id: 9
    name: group/app
    path: work
    variables:
      PLAIN: one
      DEPLOY: {value: two, protected: true, environment_scope: prod/*, description: of the deploy user}
`
  const plain = { file: false, raw: false, masked: false, origin: 'project' }
  expect(variablesOf(text)).toEqual([
    {
      ...plain,
      key: 'PLAIN',
      value: 'one',
      protected: false,
      environmentScope: '*',
      declaredAt: 'runner.config.yaml:6:7',
    },
    {
      ...plain,
      key: 'DEPLOY',
      value: 'two',
      protected: true,
      environmentScope: 'prod/*',
      description: 'of the deploy user',
      declaredAt: 'runner.config.yaml:7:7',
    },
  ])
})
