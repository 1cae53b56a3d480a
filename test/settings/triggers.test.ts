import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/git.ts'

const folder = temporaryFolder()
mkdirSync(join(folder, 'app/.git'), { recursive: true })
writeFileSync(join(folder, 'secret'), 'hush\n')

function read(text: string) {
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, text)
  return readSettings(file, { TOKEN: 'glptt-fromEnvironment' })
}

function project(more: string, top = '') {
  const result = read(`${top}\nprojects:\n  - id: 9\n    name: group/app\n    path: app\n${more}`)
  if (!result.ok) throw new Error(result.error.diagnostics.map(({ message }) => message).join('\n'))
  const [first] = result.value.projects
  if (!first) throw new Error('no project')
  return first
}

const messages = (text: string): string[] => {
  const result = read(text)
  return result.ok ? [] : result.error.diagnostics.map(({ message }) => message)
}

describe('triggers of a project', () => {
  it('are a list, as before', () => {
    const { triggers, triggerVariables, jobTokenAllowlist } = project(
      '    triggers: [{ token: "${TOKEN}" }]\n',
    )
    expect(triggers).toMatchObject([
      {
        token: 'glptt-fromEnvironment',
        owner: null,
        expiresAt: null,
        secret: null,
        limits: {
          allowedRefs: null,
          allowedVariables: null,
          fixedVariables: [],
          allowedNetworks: null,
          rateLimit: null,
        },
      },
    ])
    expect([triggerVariables, jobTokenAllowlist]).toEqual(['any', null])
  })

  it('have limits, an end and a secret', () => {
    const { triggers } = project(`    triggers:
      - token: x
        expires_at: '2027-01-31'
        allowed_refs: [main, release/*]
        allowed_variables: { STAGE: [test, live], DEBUG: '*' }
        fixed_variables: { BY: bot }
        allowed_networks: [10.0.0.0/8, '::1']
        rate_limit: 60
        webhook_secret: file:secret
      - token: y
        allowed_variables: [A, B]
`)
    expect(triggers).toMatchObject([
      {
        expiresAt: Date.UTC(2027, 0, 31),
        secret: 'hush',
        limits: {
          allowedRefs: ['main', 'release/*'],
          allowedVariables: [
            { key: 'STAGE', values: ['test', 'live'] },
            { key: 'DEBUG', values: ['*'] },
          ],
          fixedVariables: [{ key: 'BY', value: 'bot' }],
          allowedNetworks: ['10.0.0.0/8', '::1'],
          rateLimit: 60,
        },
      },
      {
        limits: {
          allowedVariables: [
            { key: 'A', values: ['*'] },
            { key: 'B', values: ['*'] },
          ],
        },
      },
    ])
  })

  it('may be a mapping that says how far callers choose variables', () => {
    expect(project('    triggers: { variables: none, tokens: [{ token: x }] }\n')).toMatchObject({
      triggerVariables: 'none',
      triggers: [{ token: 'x' }],
    })
    expect(project('', 'triggers: { variables: safe }').triggerVariables).toBe('safe')
    expect(
      project('    triggers: { variables: any }\n', 'triggers: { variables: safe }').triggerVariables,
    ).toBe('any')
  })

  it('stand beside the projects whose jobs reach this one', () => {
    expect(project('    job_token_allowlist: [group/other]\n').jobTokenAllowlist).toEqual(['group/other'])
  })
})

describe('what is wrong', () => {
  const of = (more: string): string => `projects:\n  - id: 9\n    name: group/app\n    path: app\n${more}`
  it.each([
    [
      'a word',
      of('    triggers: { variables: sane }\n'),
      'projects[0].triggers.variables is "sane"; it must be one of any, safe, declared, none',
    ],
    [
      'a network',
      of('    triggers: [{ token: x, allowed_networks: [10.0.0.0/99] }]\n'),
      'projects[0].triggers[0].allowed_networks[0] "10.0.0.0/99" is no address and no range',
    ],
    [
      'a date',
      of("    triggers: [{ token: x, expires_at: 'soon' }]\n"),
      'projects[0].triggers[0].expires_at must be a date such as 2027-01-31 or 2027-01-31T12:00:00Z, not "soon"',
    ],
    [
      'a rate',
      of('    triggers: [{ token: x, rate_limit: 0 }]\n'),
      'projects[0].triggers[0].rate_limit must be a whole number from 1 up, not 0 (a number)',
    ],
    [
      'a key',
      of('    triggers: [{ token: x, allowed_ref: [] }]\n'),
      'unknown key "allowed_ref" in projects[0].triggers[0]',
    ],
    [
      'a name',
      of('    job_token_allowlist: [other]\n'),
      'projects[0].job_token_allowlist[0] "other" is not of the form namespace/project',
    ],
    ['a limit', 'limits: { body_byte: 1 }\n', 'unknown key "body_byte" in limits'],
  ])('%s', (_what, text, message) => expect(messages(text)).toEqual([message]))
})
