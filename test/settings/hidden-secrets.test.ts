import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { withoutSecrets } from '../../src/settings/hidden-secrets.ts'
import { readSettings } from '../../src/settings/read.ts'
import { renderDiagnostic } from '../../src/shared/source-text.ts'
import { temporaryFolder } from '../support/state-folder.ts'

it.each([
  ['triggers: [{token: abc, owner: root}]', 'triggers: [{token: ***, owner: root}]'],
  ['  - token: "a, b # c"  # a comment', '  - token: "********"  # a comment'],
  ["{'webhook_secret': 'it''s'}", "{'webhook_secret': '*****'}"],
  ['{"token":"abc"}', '{"token":"***"}'],
  ['token: ${RELEASE_TOKEN}', 'token: ${RELEASE_TOKEN}'],
  ['token: file:release.token', 'token: file:release.token'],
  ['- {key: PASSWORD, value: hunter2, masked: true}', '- {key: PASSWORD, value: *******, masked: true}'],
  ['token: # on the next line\n  abc', 'token: # on the next line\n  ***'],
  ['- token: a,b#c}d # a comment', '- token: ******* # a comment'],
  ['- token: abc\n  owner: root', '- token: ***\n  owner: root'],
  ['token:\nowner: root', 'token:\nowner: root'],
  ['{token: !!str abc}', '{token: !!str ***}'],
  ['- token: "a\n    b"\n  owner: x', '- token: "*\n    *"\n  owner: x'],
  [
    '  - value: |\n      -----BEGIN\n\n      key: x\n    masked: true',
    '  - value: |\n      **********\n\n      ******\n    masked: true',
  ],
  ['DEPLOY_TOKEN:\n  value: abc\n  raw: true', 'DEPLOY_TOKEN:\n  value: ***\n  raw: true'],
  ['variables: {DB_PASSWORD: hunter2, LEVEL: 3}', 'variables: {DB_PASSWORD: *******, LEVEL: 3}'],
  ['  API_KEY: abc\r\n  LEVEL: 3', '  API_KEY: ***\r\n  LEVEL: 3'],
  ['token: "abc', 'token: ****'],
  ['# once glptt-abcdefgh', '# once **************'],
  ['tokens:\n  - {description: a, token: x}', 'tokens:\n  - {description: a, token: *}'],
  ['name: group/app', 'name: group/app'],
])('%j', (text, expected) => {
  expect(withoutSecrets(new Map([['f', text]])).get('f')).toBe(expected)
})

it('a mistake beside a token shows the place and not the token', () => {
  const file = join(temporaryFolder(), 'runner.config.yaml')
  writeFileSync(
    file,
    'projects:\n  - {id: 9, name: a/b, path: ., triggers: [{token: glptt-abcdefgh, owner: nobody}]}\n',
  )
  const read = readSettings(file, {})
  if (read.ok) throw new Error('it was read')
  const [problem] = read.error.diagnostics
  const frame = problem ? renderDiagnostic(problem, read.error.sources) : ''
  expect(frame).toContain('nobody')
  expect(frame).not.toContain('abcdefgh')
})
