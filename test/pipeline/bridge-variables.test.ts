import { expect, it } from 'vitest'
import { variable, type Variable } from '../../src/model/variable.ts'
import { expandFor, forwardedVariables } from '../../src/pipeline/bridge-variables.ts'

const yaml = (key: string, value: string, more: Parameters<typeof variable>[3] = {}): Variable =>
  variable(key, value, 'job', more)
const given = (key: string, value: string): Variable => variable(key, value, 'trigger')

type Forward = Parameters<typeof forwardedVariables>[0]

function forward(
  own: readonly Variable[],
  pipeline: readonly Variable[] = [],
  forwards: Forward = { yamlVariables: true, pipelineVariables: false },
): string[] {
  const seen = [variable('PATH_OF', '/x', 'project', { file: true }), ...own, ...pipeline]
  return forwardedVariables(forwards, own, pipeline, seen).map(
    ({ key, value, file, raw }) => `${key}=${value}${file ? ' file' : ''}${raw ? ' raw' : ''}`,
  )
}

it.each<[title: string, own: Variable[], expected: string[]]>([
  ['plain', [yaml('A', '1')], ['A=1']],
  ['another, once', [yaml('A', '$B'), yaml('B', '$C'), yaml('C', 'c')], ['A=$C', 'B=c', 'C=c']],
  ['none', [yaml('A', '<$NOWHERE>')], ['A=<>']],
  ['raw', [yaml('A', '$B', { raw: true }), yaml('B', 'b')], ['A=$B raw', 'B=b']],
  ['a file goes along', [yaml('A', '${PATH_OF}/y')], ['A=$PATH_OF/y', 'PATH_OF=/x file']],
  ['the last of a name', [yaml('A', '1'), yaml('A', '2')], ['A=2']],
  ['names of our own stay', [yaml('SLUICE_A', '1'), yaml('B', '2')], ['B=2']],
])('%s', (_, own, expected) => {
  expect(forward(own)).toEqual(expected)
})

it('what the pipeline was started with wins', () => {
  const both = { yamlVariables: true, pipelineVariables: true }
  expect(forward([yaml('A', '1'), yaml('B', '$A')], [given('A', '2')], both)).toEqual(['A=2', 'B=2'])
  // The value that is handed on is the one written, as on GitLab.
  expect(forward([yaml('A', '1')], [given('A', '2')])).toEqual(['A=1'])
})

it('texts of keywords are expanded with the last value of a name', () => {
  expect(expandFor('x/$A-${B}%C%', [yaml('A', '1'), yaml('A', '2'), yaml('C', '3')])).toBe('x/2-3')
})
