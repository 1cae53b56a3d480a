import { describe, expect, it } from 'vitest'
import { configOf, messagesOf, outcomeOf, planOf, variables } from '../support.ts'

const JOB = '\njob: {script: x}\n'

/** A variable of the top level, without its place. */
async function topLevel(text: string): Promise<unknown> {
  const [first] = (await configOf(`variables: {X: ${text}}${JOB}`)).variables
  const { span: _, ...rest } = first ?? { span: null }
  return rest
}

describe('a variable of the top level', () => {
  it.each([
    ['text', { key: 'X', value: 'text', raw: false }],
    ['1.10', { key: 'X', value: '1.1', raw: false }],
    ['yes', { key: 'X', value: 'true', raw: false }],
    ['', { key: 'X', value: '', raw: false }],
    ['{value: a}', { key: 'X', value: 'a', raw: false }],
    ['{value: $A, expand: false}', { key: 'X', value: '$A', raw: true }],
    ['{value: $A, expand: true}', { key: 'X', value: '$A', raw: false }],
    [
      '{description: What it is}',
      { key: 'X', value: '', raw: false, prefill: { description: 'What it is', options: null } },
    ],
    [
      '{value: a, description: Choose, options: [a, b]}',
      { key: 'X', value: 'a', raw: false, prefill: { description: 'Choose', options: ['a', 'b'] } },
    ],
    [
      '{value: a, options: [a]}',
      { key: 'X', value: 'a', raw: false, prefill: { description: null, options: ['a'] } },
    ],
  ])('%s', async (text, expected) => {
    expect(await topLevel(text)).toEqual(expected)
  })

  it.each([
    ['{value: [a]}', 'variables:x config value must be an alphanumeric string'],
    ['{description: [a]}', 'variables:x config description must be an alphanumeric string'],
    ['{value: a, expand: maybe}', 'variables:x config expand should be a boolean value'],
    ['{value: a, options: a}', 'variables:x config options should be an array of strings'],
    ['{value: c, options: [a, b]}', 'variables:x config value must be present in options'],
    ['{value: a, hint: b}', 'variables:x config uses invalid data keys: hint'],
    ['[a]', 'variable definition must be either a string or a hash'],
  ])('%s: %s', async (text, message) => {
    expect(await messagesOf(`variables: {X: ${text}}${JOB}`)).toEqual([expect.stringContaining(message)])
  })
})

describe('below the top level', () => {
  it.each([
    [
      'job: {script: x, variables: {X: {value: a, description: b}}}',
      'jobs:job:variables:x config uses invalid data keys: description',
    ],
    [
      'job: {script: x, variables: {X: {value: a, options: [a]}}}',
      'jobs:job:variables:x config uses invalid data keys: options',
    ],
    [
      'job: {script: x, rules: [{variables: {X: {value: a}}}]}',
      'jobs:job:rules:rule:variables:x config must be a string',
    ],
  ])('%s: %s', async (text, message) => {
    expect(await messagesOf(text)).toEqual([expect.stringContaining(message)])
  })

  it('keeps expand: false', async () => {
    const { jobs } = await planOf('job: {script: x, variables: {X: {value: $A, expand: false}}}')
    expect(jobs[0]?.variables).toMatchObject([{ key: 'X', value: '$A', raw: true }])
  })
})

describe('a circle', () => {
  const circle = 'variables: {A: $B, B: "${A}"}\njob: {script: x}'
  it('is an error of every job that has it', async () => {
    expect(await outcomeOf(circle)).toMatchObject({
      kind: 'invalid',
      diagnostics: [{ message: 'job: circular variable reference detected: ["A", "B"]' }],
    })
  })

  it.each([
    // GitLab: one that names itself is no circle.
    ['variables: {A: $A}\njob: {script: x}', 'plan'],
    ['variables: {A: {value: $B, expand: false}, B: $A}\njob: {script: x}', 'plan'],
    ['variables: {A: $$B, B: $$A}\njob: {script: x}', 'plan'],
  ])('%s: %s', async (text, kind) => {
    expect((await outcomeOf(text)).kind).toBe(kind)
  })

  it('ends where a trigger gives one of the values', async () => {
    expect((await outcomeOf(circle, { above: variables('trigger', { A: 'x' }) })).kind).toBe('plan')
  })
})

it('are not expanded for rules', async () => {
  const text =
    'variables: {A: a, B: $A}\nraw: {script: x, rules: [{if: $B == "$A"}]}\nexpanded: {script: x, rules: [{if: $B == "a"}]}'
  expect((await planOf(text)).jobs.map(({ name }) => name)).toEqual(['raw'])
})
