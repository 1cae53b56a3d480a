import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compose } from '../../../src/ci/include/compose.ts'
import { localFiles } from '../../../src/ci/include/local-files.ts'
import { mergeDocuments } from '../../../src/ci/include/merge.ts'
import { nodeOf } from '../../../src/ci/inputs/value.ts'
import type { YamlMapping, YamlNode } from '../../../src/yaml/node.ts'

const names = ['a.yml', 'b.yml', 'c.yml', 'd.txt', 'gone.yml']

const include = fc.oneof(
  fc.constantFrom(...names, 'https://x.y/a.yml', '*.yml', '$V', '', 5, null, true),
  fc.record(
    {
      local: fc.constantFrom(...names, '**', 1),
      inputs: fc.constantFrom({ x: 1 }, { x: ['$[[ inputs.x ]]', '$[[ inputs.x ]]'] }, { y: null }, [], 'x'),
      rules: fc.constantFrom([], [{ when: 'never' }], [{ if: '$V' }], [{ exists: ['a.yml'] }], 'x', [1]),
      project: fc.constantFrom('g/p', 1),
      file: fc.constantFrom('a.yml', ['a.yml', 'b.yml'], []),
      remote: fc.constantFrom('https://x.y/a.yml', 'x'),
      component: fc.constantFrom('h/g/p/c@1', 'c'),
      template: fc.constantFrom('X.gitlab-ci.yml', 'x'),
    },
    { requiredKeys: [] },
  ),
)

const file = fc.record(
  {
    header: fc.constantFrom(
      null,
      { inputs: { x: { type: 'array', default: [] } } },
      { inputs: { x: null } },
      { include: ['b.yml'] },
    ),
    include: fc.oneof(include, fc.array(include, { maxLength: 4 })),
    job: fc.constantFrom('$[[ inputs.x ]]', { script: ['$[[ inputs.x ]]', '$[[ inputs.y | f ]]'] }, null),
  },
  { requiredKeys: ['header'] },
)

const textOf = ({ header, ...body }: { header: unknown }): string =>
  header === null ? JSON.stringify(body) : `${JSON.stringify({ spec: header })}\n---\n${JSON.stringify(body)}`

/** What became of a graph; a refusal has reasons, and each of them a place. */
function verdictOf(result: Awaited<ReturnType<typeof compose>>): string {
  if (result.ok) return result.value.document.entries.has('include') ? 'include is left' : 'merged'
  const { diagnostics } = result.error
  if (diagnostics.length === 0) return 'refused without a reason'
  return diagnostics.every(({ location }) => location !== undefined) ? 'refused' : 'refused without a place'
}

it('any graph of files ends, and what is refused has a place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(file, file, file, file), async ([root, ...others]) => {
      const texts = new Map(others.map((content, index) => [names[index] ?? '', textOf(content)]))
      const port = {
        ...localFiles((path) => Promise.resolve(texts.get(path))),
        paths: () => Promise.resolve([...texts.keys()]),
      }
      const result = await compose({ path: 'root.yml', text: textOf(root), identity: 'x' }, { port })
      expect(verdictOf(result)).toMatch(/^(merged|refused)$/)
    }),
    { numRuns: 300 },
  )
}, 60_000)

/** Documents of every shape: at each key one may have a hash where another has a text, a list, null, or nothing. */
const value = fc.letrec((tie) => ({
  leaf: fc.constantFrom(null, 1, 'x', [], [1]),
  hash: fc.dictionary(fc.constantFrom('p', 'q', 'r'), tie('any'), { maxKeys: 3 }),
  any: fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('hash')),
}))
const document = value.hash
  .map((hash) => nodeOf(hash, { file: 'f', start: 0, end: 0 }))
  .filter((node): node is YamlMapping => node?.kind === 'mapping')

const plain = (node: YamlNode): unknown => {
  if (node.kind === 'mapping')
    return Object.fromEntries(Array.from(node.entries, ([key, { value: inner }]) => [key, plain(inner)]))
  return node.kind === 'sequence' ? node.items.map(plain) : node.kind === 'scalar' ? node.value : undefined
}

/** Whether `b` takes away a hash that `a` and `c` both have: then c is laid upon nothing, or upon what a had. */
function cutsBetween(a: YamlMapping, b: YamlMapping, c: YamlMapping): boolean {
  return [...b.entries].some(([key, { value: middle }]) => {
    const [below, above] = [a.entries.get(key)?.value, c.entries.get(key)?.value]
    if (below?.kind !== 'mapping' || above?.kind !== 'mapping') return false
    return middle.kind !== 'mapping' || cutsBetween(below, middle, above)
  })
}

/** Ruby's `deep_merge` of plain values, written down as it is documented. */
function deepMerged(under: unknown, over: unknown): unknown {
  if (!isHash(under) || !isHash(over)) return over
  const merged = new Map(Object.entries(under))
  for (const [key, inner] of Object.entries(over))
    merged.set(key, merged.has(key) ? deepMerged(merged.get(key), inner) : inner)
  return Object.fromEntries(merged)
}

const isHash = (one: unknown): one is object => typeof one === 'object' && one !== null && !Array.isArray(one)

it('merging goes from the first document to the last, as Ruby does it', () => {
  fc.assert(
    fc.property(fc.array(document, { maxLength: 4 }), document, (documents, last) => {
      const expected = [...documents, last].map(plain).reduce(deepMerged)
      // The order of the keys counts as well.
      expect(JSON.stringify(plain(mergeDocuments(documents, last)))).toBe(JSON.stringify(expected))
    }),
    { numRuns: 500 },
  )
})

/**
 * Deep merge is associative for documents of any shape but one: a middle document that puts something else in the place of a
 * hash which both its neighbours have. There (a·b)·c keeps nothing of a, and a·(b·c) does; GitLab computes the first.
 */
it('merging is associative, unless the document in the middle takes a hash away', () => {
  let cut = 0
  fc.assert(
    fc.property(document, document, document, (a, b, c) => {
      const left = plain(mergeDocuments([mergeDocuments([a], b)], c))
      expect(plain(mergeDocuments([a, b], c))).toEqual(left)
      const isCut = cutsBetween(a, b, c)
      if (isCut) cut += 1
      const right = isCut ? left : plain(mergeDocuments([a], mergeDocuments([b], c)))
      expect(right).toEqual(left)
    }),
    { numRuns: 500 },
  )
  expect(cut).toBeGreaterThan(0)
})

it('is not associative there, in GitLab neither', () => {
  const [a, b, c] = [{ p: { x: 1 } }, { p: null }, { p: { y: 2 } }]
  expect(deepMerged(deepMerged(a, b), c)).toEqual({ p: { y: 2 } })
  expect(deepMerged(a, deepMerged(b, c))).toEqual({ p: { x: 1, y: 2 } })
})
