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

/** Where one file has a hash and another a text, GitLab's order of merging matters; a key is one or the other here. */
const document = fc
  .record(
    {
      a: fc.constantFrom(null, 1, 'x', []),
      b: fc.dictionary(fc.constantFrom('p', 'q'), fc.integer({ max: 3 })),
      c: fc.record(
        { d: fc.dictionary(fc.constantFrom('p', 'q'), fc.integer({ max: 3 })), e: fc.constant('e') },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  .map((value) => nodeOf(value, { file: 'f', start: 0, end: 0 }))
  .filter((node): node is YamlMapping => node?.kind === 'mapping')

const plain = (node: YamlNode): unknown => {
  if (node.kind === 'mapping')
    return Object.fromEntries(Array.from(node.entries, ([key, { value }]) => [key, plain(value)]))
  return node.kind === 'scalar' ? node.value : []
}

it('merging is associative', () => {
  fc.assert(
    fc.property(document, document, document, (a, b, c) => {
      const left = mergeDocuments([mergeDocuments([a], b)], c)
      expect(plain(left)).toEqual(plain(mergeDocuments([a], mergeDocuments([b], c))))
      expect(plain(left)).toEqual(plain(mergeDocuments([a, b], c)))
    }),
  )
})
