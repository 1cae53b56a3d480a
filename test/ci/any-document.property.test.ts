import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JOB_KEYWORDS } from '../../src/ci/config/job.ts'
import { load } from '../../src/ci/load.ts'
import { plan } from '../../src/ci/plan.ts'
import { factsOf } from './support.ts'

const words = [
  'main',
  '/x(/',
  '$A == "b"',
  '*.md',
  '1 week',
  'never',
  'a',
  'b',
  '.h',
  'test',
  'manual',
  '',
  '$CI',
  'a: [1]',
]
const keys = [
  ...JOB_KEYWORDS,
  'project',
  'pipeline',
  'ref',
  'include',
  'artifact',
  'reports',
  'key',
  'files',
  'on_stop',
  'action',
  'vault',
  'if',
  'changes',
  'exists',
  'paths',
  'matrix',
  'job',
  'optional',
  'refs',
  'max',
  'exit_codes',
  'name',
  'value',
  'x',
]
const tops = [
  'a',
  'b',
  '.h',
  'default',
  'workflow',
  'stages',
  'variables',
  'image',
  'services',
  'include',
  'a 1/2',
  '10',
  '',
]

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom(...words),
    fc.constantFrom(null, true, false, 0, 1, 2, 201, 1.5, -1),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...keys), tie('value')), {
        maxLength: 4,
        selector: ([key]) => key,
      })
      .map((entries) => Object.fromEntries(entries)),
  ),
}))

/** Mostly things that look like jobs, so that the readers are reached. */
const job = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 5, selector: ([key]) => key })
  .map((entries) => ({ script: 'x', ...Object.fromEntries(entries) }))
const document = fc.dictionary(fc.constantFrom(...tops), fc.oneof(job, value), { maxKeys: 5 })

const noFiles = (): Promise<undefined> => Promise.resolve(undefined)

/** What became of a text; diagnostics must be errors with a place. */
async function outcomeOf(text: string): Promise<string> {
  const loaded = await load({ path: 'ci.yml', text }, noFiles)
  if (loaded.ok) {
    // All that leaves `load` can be handed to another thread.
    if (!isDeepStrictEqual(structuredClone(loaded.value), loaded.value)) return 'not cloneable'
    return plan(loaded.value, factsOf({ changedPaths: ['a'], treePaths: ['a'] })).kind
  }
  const { diagnostics } = loaded.error
  if (diagnostics.length === 0) return 'refused without a reason'
  const placed = diagnostics.every(
    ({ severity, location }) => severity === 'error' && location?.file === 'ci.yml',
  )
  return placed ? 'refused' : 'refused without a place'
}

const FORESEEN = /^(plan|invalid|filtered_by_rules|filtered_by_workflow_rules|refused)$/

it('any document gives a plan or diagnostics with a place, never an exception', async () => {
  await fc.assert(
    fc.asyncProperty(document, async (content) => {
      expect(await outcomeOf(JSON.stringify(content))).toMatch(FORESEEN)
    }),
    { numRuns: 500 },
  )
  expect.hasAssertions()
})

const text = fc.string({
  maxLength: 200,
  unit: fc.constantFrom(...' \n\t-:[]{}&*!|>\'"#?,ab1$.'.split(''), 'script: ', 'job:\n  ', '<<: '),
})

it('any text gives a plan or diagnostics', async () => {
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      expect(await outcomeOf(content)).toMatch(FORESEEN)
    }),
    { numRuns: 500 },
  )
  expect.hasAssertions()
})
