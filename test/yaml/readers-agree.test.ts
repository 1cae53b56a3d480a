import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitDocuments } from '../../src/yaml/documents.ts'
import { readGeneral } from '../../src/yaml/general/read.ts'
import { DEFAULT_YAML_LIMITS } from '../../src/yaml/limits.ts'
import type { YamlNode } from '../../src/yaml/node.ts'
import { readDocument } from '../../src/yaml/reader/document.ts'
import { startTree } from '../../src/yaml/tree.ts'
import { corpusFiles } from './support/corpus.ts'
import { recordedRows } from './support/recorded.ts'
import { block } from './support/yaml-text.ts'

/** The trees that a reader makes of a file's documents. */
function read(reader: typeof readDocument, text: string): YamlNode[] {
  return splitDocuments(text, 2).map(
    (document) => reader(document, startTree('a.yml', DEFAULT_YAML_LIMITS)).root,
  )
}

describe('the reader for common syntax and the general reader give the same trees and spans', () => {
  it('on generated files', () => {
    fc.assert(
      fc.property(block(0), (lines) => {
        const text = `${lines.join('\n')}\n`
        expect(read(readDocument, text)).toEqual(read(readGeneral, text))
      }),
      { numRuns: 300 },
    )
  })

  it('on the recorded documents that both take for the same', () => {
    const rows = recordedRows('documents').filter(({ yaml, tree }) => tree && !DIFFERENT.has(yaml))
    expect(rows.length).toBeGreaterThan(90)
    for (const { yaml } of rows)
      expect([yaml, read(readDocument, yaml)]).toEqual([yaml, read(readGeneral, yaml)])
  })

  it.skipIf(corpusFiles.length === 0)(`on real files (${corpusFiles.length})`, () => {
    for (const { name, text } of corpusFiles) {
      expect([name, read(readDocument, text)]).toEqual([name, read(readGeneral, text)])
    }
  })
})

// Where libyaml and the `yaml` package part. Ruby is right by definition, and the reader for common syntax agrees with it.
const DIFFERENT = new Set([
  // Text behind the document.
  'a: 1\n... x',
  '  a: 1\nb: 2',
  '  - a\n - b\n',
  "'x' y",
  '[a] }',
  'a\n: b',
  // A comment without a blank in front.
  'a: |# c\n  x',
  'a: "x"#c',
  'a: [x]#c',
  // Tabs between tokens, unusual line breaks, an alias directly before its colon.
  'a: "\n\tb"',
  'a: [\n\t1,\n\t2]',
  'a: {\n\tb: 1}',
  'a: b\rc: d',
  'a: b\x85c: d',
  'a: &x b\n*x: c',
  // The place of an empty document.
  '# c',
  '---',
  '--- \n...\n',
  // Rare syntax.
  '&a\n!t\nb: c',
])
