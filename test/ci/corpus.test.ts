// Real configurations, when they are at hand (SLUICE_CORPUS, or ../shared/corpus beside the project): each loads, and gives jobs or says
// that there are none, for the events that start most pipelines.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/ci/config.ts'
import { load } from '../../src/ci/load.ts'
import { plan, type PlanFacts } from '../../src/ci/plan.ts'
import type { Diagnostic } from '../../src/shared/diagnostic.ts'
import { factsOf } from './support.ts'

const root = process.env.SLUICE_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus')

/** Generous: the slowest takes a tenth of it, and what is wrong here is wrong by far. */
const MOST_MILLISECONDS = 5_000

const EVENTS: readonly (readonly [title: string, facts: Partial<PlanFacts>])[] = [
  ['a push to main', {}],
  ['a push to another branch', { ref: 'topic' }],
  ['a tag', { ref: 'v1.0.0', tag: true }],
  ['a trigger', { source: 'trigger' }],
  ['a schedule', { source: 'schedule' }],
]

/** What today's GitLab refuses as well. */
const REPORT_THAT_IS_GONE = /:artifacts:reports config contains unknown keys: cobertura$/

/** A job that needs one which its own rules leave out for this event: GitLab refuses that pipeline, too. */
const NEED_NOT_CREATED = 'needs.excluded'

interface Entry {
  readonly folder: string
  readonly external: readonly string[]
}

function readIndex(): readonly Entry[] {
  const [, ...lines] = readFileSync(join(root, 'index.tsv'), 'utf8').trim().split('\n')
  return lines.map((line) => {
    const [folder = '', , , , , , external = ''] = line.split('\t')
    return { folder, external: external === '' ? [] : external.split(',') }
  })
}

const index = existsSync(join(root, 'index.tsv')) ? readIndex() : []

/** `change` makes the mistake that is asked about. */
async function open(
  { folder }: Entry,
  change: (text: string) => string = (text) => text,
): ReturnType<typeof load> {
  const read = (path: string): string | undefined => {
    const file = join(root, folder, path)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }
  const text = read('.gitlab-ci.yml') ?? ''
  return load({ path: '.gitlab-ci.yml', text: change(text) }, (path) => Promise.resolve(read(path)))
}

/** One mistake in a file that is right. */
const MISTAKES: readonly (readonly [title: string, change: (text: string) => string])[] = [
  ['the first extends', (text) => text.replace(/^( +extends: *)[.\w]\S*$/m, '$1.is-not-there')],
  ['every extends', (text) => text.replace(/^( +extends: *)[.\w]\S*$/gm, '$1.is-not-there')],
  ['the first reference', (text) => text.replace(/!reference \[[^,\]]+/, '!reference [.is-not-there')],
  ['every reference', (text) => text.replace(/!reference \[[^,\]]+/g, '!reference [.is-not-there')],
  ['an include', (text) => `${text.replace(/^include:/m, '.was-included:')}\ninclude: is-not-there.yml\n`],
]

/** What is said beside the mistake that was made; null: the file is right all the same, as when it has no such keyword. */
async function saidBeside(entry: Entry, change: (text: string) => string): Promise<readonly string[] | null> {
  const loaded = await open(entry, change)
  if (loaded.ok) return null
  const later = messages(loaded.error.later ?? [])
  return later.filter((text) => !REPORT_THAT_IS_GONE.test(text))
}

function planProblems(config: Config, [title, facts]: (typeof EVENTS)[number]): readonly string[] {
  const outcome = plan(config, factsOf({ treePaths: [], ...facts }))
  if (outcome.kind !== 'invalid') return []
  const problems = outcome.diagnostics.filter(({ code }) => code !== NEED_NOT_CREATED)
  return messages(problems).map((message) => `${title}: ${message}`)
}

function messages(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message)
}

it.runIf(index.length === 0)(`has no corpus to read: ${root} is absent`, () => {
  expect(existsSync(join(root, 'index.tsv'))).toBe(false)
})

describe.runIf(index.length > 0)('the corpus', () => {
  const whole = index.filter(({ external }) => external.length === 0)

  it.each(whole)('$folder', async (entry) => {
    const started = performance.now()
    const loaded = await open(entry)
    const refused = loaded.ok ? [] : messages(loaded.error.diagnostics)
    expect(refused.filter((text) => !REPORT_THAT_IS_GONE.test(text))).toEqual([])
    const found = loaded.ok ? EVENTS.map((event) => planProblems(loaded.value, event)) : []
    expect(found.flat()).toEqual([])
    expect(performance.now() - started).toBeLessThan(MOST_MILLISECONDS)
  })

  it.each(MISTAKES)('nothing wrong is said beside a mistake: %s', async (_, change) => {
    let refused = 0
    const found: [string, readonly string[]][] = []
    for (const entry of whole) {
      const beside = await saidBeside(entry, change)
      if (beside === null) continue
      refused += 1
      if (beside.length > 0) found.push([entry.folder, beside])
    }
    expect(found).toEqual([])
    expect(refused).toBeGreaterThan(whole.length / 20)
  })

  it.each(index.filter(({ external }) => external.length > 0))(
    '$folder says what it includes from outside',
    async (entry) => {
      const loaded = await open(entry)
      const found = loaded.ok ? [] : loaded.error.diagnostics
      // With a default that reaches nothing outside, every complaint is about an include, at its place.
      expect(found.filter(({ code }) => !code.startsWith('include'))).toEqual([])
      expect(found.every(({ location }) => location !== undefined)).toBe(true)
      expect(loaded.ok ? [] : messages(loaded.error.later ?? [])).toEqual([])
    },
  )
})
