// The error catalogue of the language: for each row the mistake, GitLab's literal sentence, and the place where it was made. A row that
// cannot be met yet says in `waitsFor` what it waits for; it must fail, so the list can only shrink.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { load } from '../../src/ci/load.ts'
import { plan } from '../../src/ci/plan.ts'
import { factsOf } from './support.ts'

interface Row {
  /** The number in the catalogue. */
  readonly row: number
  readonly title?: string
  readonly config: string
  readonly files?: Readonly<Record<string, string>>
  readonly message: string
  /** Absent: the sentence has no place, or names it itself. */
  readonly line?: number
  readonly column?: number
  readonly waitsFor?: string
}

interface Found {
  readonly message: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

const rows: readonly Row[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/tables/error-catalogue.json'), 'utf8'),
)

/** What is wrong with a file, or with the pipeline of a push to main. */
async function findings({ config, files }: Row): Promise<readonly Found[]> {
  const loaded = await load({ path: '.gitlab-ci.yml', text: config }, (path) =>
    Promise.resolve(files?.[path]),
  )
  const diagnostics = loaded.ok ? planFindings(loaded.value) : loaded.error.diagnostics
  if (typeof diagnostics === 'string') return [{ message: diagnostics }]
  return diagnostics.map(({ message, location }) => ({
    message,
    line: location?.line,
    column: location?.column,
  }))
}

function planFindings(config: Parameters<typeof plan>[0]) {
  const outcome = plan(config, factsOf({ treePaths: [], compared: new Map([['nowhere', null]]) }))
  if (outcome.kind === 'plan') return []
  return outcome.kind === 'invalid' ? outcome.diagnostics : outcome.message
}

/** What the row expects, as a matcher of the findings. */
function expected({ message, line, column }: Row): unknown {
  const place = line === undefined ? {} : { line, column }
  return expect.arrayContaining([expect.objectContaining({ message, ...place })])
}

const nameOf = ({ row, title }: Row): string => (title === undefined ? `row ${row}` : `row ${row}, ${title}`)

const named = rows.map((row): [name: string, row: Row] => [nameOf(row), row])
const waiting = named.filter(([, { waitsFor }]) => waitsFor !== undefined)

it.each(named.filter(([, { waitsFor }]) => waitsFor === undefined))('%s', async (_name, row) => {
  expect(await findings(row)).toEqual(expected(row))
})

describe.runIf(waiting.length > 0)('waits for another part of the language', () => {
  it.fails.each(waiting)('%s', async (_name, row) => {
    expect(await findings(row)).toEqual(expected(row))
  })
})

/** Rows that a configuration file alone cannot provoke. */
const ELSEWHERE: Readonly<Record<number, string>> = {
  7: 'an error of the loader itself',
  8: 'the size of a file: test/yaml/limits.test.ts',
  11: 'the time that includes may take',
  12: 'gone: row 16 took its place',
  92: 'the size of all files together',
  104: 'an answer of the API about a commit without a ref',
}

it('has every row', () => {
  const here = new Set([...rows.map(({ row }) => row), ...Object.keys(ELSEWHERE).map(Number)])
  expect(Array.from({ length: 104 }, (_, index) => index + 1).filter((row) => !here.has(row))).toEqual([])
})
