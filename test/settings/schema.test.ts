import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readSettings } from '../../src/settings/read.ts'
import { configSchema, type Schema } from '../../src/settings/schema.ts'
import { temporaryFolder } from '../support/state-folder.ts'
import { problemsOf } from './support/json-schema.ts'

const PACKAGE = join(import.meta.dirname, '../..')
const FILE = join(PACKAGE, 'docs/runner.config.schema.json')
const schema = configSchema()

it('docs/runner.config.schema.json is what is generated; renew it with SLUICE_WRITE_DOCS=1', () => {
  const text = `${JSON.stringify(schema, null, 2)}\n`
  if (process.env['SLUICE_WRITE_DOCS'] === '1') writeFileSync(FILE, text)
  expect(readFileSync(FILE, 'utf8')).toBe(text)
})

/** Every mapping of the schema that has keys of its own: the way to it, and its keys. Numbers are places in lists, `*` any name. */
function mappings(
  part: Schema,
  way: readonly string[] = [],
): { way: readonly string[]; keys: readonly string[] }[] {
  const here = part as {
    properties?: Record<string, Schema>
    items?: Schema
    anyOf?: Schema[]
    additionalProperties?: Schema | boolean
  }
  const inside = Object.entries(here.properties ?? {}).flatMap(([key, value]) =>
    mappings(value, [...way, key]),
  )
  const named =
    typeof here.additionalProperties === 'object' ? mappings(here.additionalProperties, [...way, '*']) : []
  return [
    ...(here.properties ? [{ way, keys: Object.keys(here.properties) }] : []),
    ...inside,
    ...named,
    ...(here.items ? mappings(here.items, [...way, '0']) : []),
    ...(here.anyOf ?? []).flatMap((option) => mappings(option, way)),
  ]
}

/** A document with one key too many, at the end of a way. */
function withUnknownKey(way: readonly string[]): unknown {
  const [step, ...rest] = way
  if (step === undefined) return { nobody_has_this_key: 1 }
  const value = withUnknownKey(rest)
  if (step === '0') return [value]
  return { [step === '*' ? 'NAME' : step]: value }
}

/** The keys that the reader allows where the document has one too many. */
function readersKeys(way: readonly string[]): string[] {
  const file = join(temporaryFolder(), 'runner.config.yaml')
  // JSON is YAML, but for its order of keys in nothing.
  writeFileSync(file, JSON.stringify(withUnknownKey(way)))
  const read = readSettings(file, {})
  const help = read.ok
    ? ''
    : (read.error.diagnostics.find(({ code }) => code === 'config.unknown_key')?.help ?? '')
  return /allowed keys: (.*)$/.exec(help)?.[1]?.split(', ') ?? []
}

describe('every mapping has the keys of its reader', () => {
  it.each(mappings(schema).map(({ way, keys }) => [way.join('.') || 'the top', way, keys] as const))(
    '%s',
    (_, way, keys) => {
      expect(readersKeys(way).toSorted()).toEqual([...new Set(keys)].toSorted())
    },
  )

  it('there are as many as are known', () => {
    expect(mappings(schema).length).toBeGreaterThan(25)
  })
})

describe('what the readers take, the schema takes', () => {
  it('the packaged example, which names it', () => {
    const text = readFileSync(join(PACKAGE, 'runner.config.yaml'), 'utf8')
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./docs/runner.config.schema.json')
    expect(problemsOf(parse(text), schema)).toEqual([])
  })

  it.each(examples())('docs: %s', (_, text) => {
    expect(problemsOf(parse(text), schema)).toEqual([])
  })

  it.each([
    ['{listen: 8929}', 'listen'],
    ['{wach: off}', ''],
    ['{projects: [{id: 1, name: a/b}]}', 'projects.0'],
    ['{projects: [{id: 1, name: a, path: .}]}', 'projects.0.name'],
    ['{retention: {pipelines: {count: some}}}', 'retention.pipelines.count'],
    ['{executor: docker}', 'executor'],
  ])('and not %s', (text, where) => {
    expect(problemsOf(parse(text), schema)).toEqual([where])
  })
})

/** The examples of docs/configuration.md. */
function examples(): [string, string][] {
  const page = readFileSync(join(PACKAGE, 'docs/configuration.md'), 'utf8')
  return [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => [
    text.split('\n')[0] ?? '',
    text,
  ])
}
