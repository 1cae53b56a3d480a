// fixtures/ci/<case>/: a file, the event, and what GitLab makes of it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ComposeOptions } from '../../src/ci/include/compose.ts'
import { localFiles } from '../../src/ci/include/local-files.ts'
import { load } from '../../src/ci/load.ts'
import { givenInputs } from '../../src/compile/given-inputs.ts'
import { plan, type PlanFacts } from '../../src/ci/plan.ts'
import { isPipelineSource } from '../../src/model/source.ts'
import type { Diagnostic } from '../../src/shared/diagnostic.ts'
import { factsOf, variables } from './support.ts'
import { parseUnsupported, unsupportedCases } from './unsupported.ts'

const root = join(import.meta.dirname, '../../fixtures/ci')

/** `context.yml`: the event. Variables are those of the trigger or of the person who started the pipeline. */
interface Context {
  readonly source: string
  readonly ref: string
  readonly tag?: boolean
  readonly variables?: Record<string, string>
  readonly changed_paths?: string[]
  readonly tree_paths?: string[]
  readonly compared?: Record<string, string[]>
  /** Of the pipeline, as a request gives them. */
  readonly inputs?: Record<string, unknown>
}

function readContext(folder: string): Context {
  return parse(readFileSync(join(folder, 'context.yml'), 'utf8'))
}

/** The files of the case are the repository; `include` sees the variables of the event. */
function sourcesIn(folder: string): ComposeOptions {
  const { variables: given, inputs, tree_paths: paths, changed_paths: changed } = readContext(folder)
  const port = localFiles((path) => {
    const file = join(folder, path)
    return Promise.resolve(existsSync(file) ? readFileSync(file, 'utf8') : undefined)
  })
  return {
    inputs: givenInputs(inputs ?? {}, '.gitlab-ci.yml'),
    port: {
      ...port,
      variables: () => Promise.resolve(variables('trigger', given ?? {})),
      paths: () => Promise.resolve(paths ?? []),
      changedPaths: () => Promise.resolve(changed ?? null),
    },
  }
}

function factsIn(folder: string): PlanFacts {
  const context = readContext(folder)
  if (!isPipelineSource(context.source)) throw new Error(`${folder}: source ${context.source}`)
  return factsOf({
    source: context.source,
    ref: context.ref,
    tag: context.tag ?? false,
    above: variables('trigger', context.variables ?? {}),
    changedPaths: context.changed_paths ?? null,
    treePaths: context.tree_paths ?? null,
    compared: new Map(Object.entries(context.compared ?? {})),
  })
}

function lineOf({ location, code, message }: Diagnostic): string {
  const file = location?.file === '.gitlab-ci.yml' ? '' : `${location?.file}:`
  return `${file}${location?.line}:${location?.column} ${code} ${message}`
}

async function compile(folder: string): Promise<unknown> {
  const loaded = await load(
    { path: '.gitlab-ci.yml', text: readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8') },
    sourcesIn(folder),
  )
  if (!loaded.ok) return loaded.error.diagnostics.map(lineOf)
  const outcome = plan(loaded.value, factsIn(folder))
  if (outcome.kind === 'invalid') return outcome.diagnostics.map(lineOf)
  return outcome.kind === 'plan' ? { kind: outcome.kind, ...outcome.plan } : outcome
}

/** Nothing may be added: lower this number when a case leaves the list. */
const MOST_UNSUPPORTED = 0

const cases = readdirSync(root)
const unsupported = unsupportedCases()
const supported = cases.filter((name) => !unsupported.has(name))
const refused = (name: string): boolean => existsSync(join(root, name, 'expected.diagnostics'))

async function checkRefused(name: string): Promise<void> {
  const expected = readFileSync(join(root, name, 'expected.diagnostics'), 'utf8')
  expect(await compile(join(root, name))).toEqual(expected.trimEnd().split('\n'))
}

async function checkPlanned(name: string): Promise<void> {
  const expected: unknown = JSON.parse(readFileSync(join(root, name, 'expected.json'), 'utf8'))
  expect(await compile(join(root, name))).toMatchObject(expected as object)
}

it.each(supported.filter(refused))('%s', checkRefused)

it.each(supported.filter((name) => !refused(name)))('%s', checkPlanned)

describe('fixtures/unsupported.txt', () => {
  it('names cases that exist and still fail', async () => {
    for (const name of unsupported.keys()) {
      expect(cases).toContain(name)
      const checked = refused(name) ? checkRefused(name) : checkPlanned(name)
      await expect(checked, `${name} passes: take it off the list`).rejects.toThrow(/^expected /)
    }
  })

  it('only shrinks', () => {
    expect(unsupported.size).toBeLessThanOrEqual(MOST_UNSUPPORTED)
  })

  it('is read line by line', () => {
    expect([...parseUnsupported('# why\n\nsome-case: Ruby only\nother: x: y\n')]).toEqual([
      ['some-case', 'Ruby only'],
      ['other', 'x: y'],
    ])
  })

  it.each(['no-reason', 'no-reason:', 'no-reason: ', 'a: b\na: c'])('takes no line like %j', (text) => {
    expect(() => parseUnsupported(text)).toThrow(/^(?:not "case: reason"|twice): /)
  })
})
