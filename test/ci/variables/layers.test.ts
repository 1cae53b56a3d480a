import { expect, it } from 'vitest'
import { JOB_LAYERS, jobVariables, RULE_LAYERS, ruleVariables } from '../../../src/ci/variables/layers.ts'
import { projectVariablesFor } from '../../../src/ci/variables/project-scope.ts'
import { variable, type ProjectVariable } from '../../../src/model/variable.ts'

const one = (value: string) => [variable('V', value, 'job')]
const layers = {
  environment: one('environment'), manual: one('manual'), schedule: one('schedule'), pipeline: one('pipeline'), project: one('project'), dotenv: one('dotenv'), user: one('user'),
  yaml: one('yaml'), predefined: one('predefined'), predefinedJob: one('predefinedJob'), persisted: one('persisted'), runner: one('runner'),
} // prettier-ignore

it('orders the variables of a job from weak to strong', () => {
  expect(jobVariables(layers).map(({ value }) => value)).toEqual([
    'runner', 'persisted', 'predefinedJob', 'predefined', 'yaml', 'user', 'dotenv', 'project', 'pipeline', 'schedule', 'manual', 'environment',
  ]) // prettier-ignore
})

it('orders those of rules the same way, without what no rule sees', () => {
  expect(ruleVariables(layers).map(({ value }) => value)).toEqual([
    'predefinedJob',
    'predefined',
    'yaml',
    'user',
    'project',
    'pipeline',
    'schedule',
  ])
  expect(JOB_LAYERS.filter((layer) => (RULE_LAYERS as readonly string[]).includes(layer))).toEqual(
    RULE_LAYERS,
  )
})

it.each([
  [null, 'all'],
  ['staging', 'staging'],
  ['production', 'production'],
  ['review/7', 'review'],
  ['other', 'all'],
])('chooses for the environment %s the most specific value: %s', (environment, value) => {
  const scoped = (environmentScope: string, content: string, isProtected = false): ProjectVariable => ({
    ...variable('V', content, 'project'),
    environmentScope,
    protected: isProtected,
  })
  const list = [
    scoped('production', 'production'),
    scoped('*', 'all'),
    scoped('review/*', 'review'),
    scoped('re*', 'less'),
    scoped('staging', 'staging'),
  ]
  const facts = { environment, refProtected: false }
  expect(projectVariablesFor(list, facts)).toEqual([variable('V', value, 'project')])
  expect(projectVariablesFor([...list, scoped('*', 'guarded', true)], facts)[0]?.value).toBe(value)
})

it('gives protected variables to protected refs', () => {
  const guarded: ProjectVariable = {
    ...variable('V', 'x', 'project', { masked: true }),
    environmentScope: '*',
    protected: true,
  }
  expect(projectVariablesFor([guarded], { environment: null, refProtected: true })).toEqual([
    variable('V', 'x', 'project', { masked: true }),
  ])
  expect(projectVariablesFor([guarded], { environment: null, refProtected: false })).toEqual([])
})
