import { readFileSync } from 'node:fs'
import { parseYaml } from '../../../src/yaml/parse.ts'
import type { YamlNode, YamlScalar } from '../../../src/yaml/node.ts'

/** A tree in the form that `test/oracles/psych.rb` prints. */
export type Tree =
  | readonly [kind: string, text: string]
  | { seq: Tree[] }
  | { map: (readonly [Tree, Tree])[] }
  | { ref: readonly string[] }

export interface Answer {
  readonly tree?: Tree
  readonly error?: string
}

export interface RecordedRow extends Answer {
  readonly yaml: string
}

/** The rows of `fixtures/yaml/<name>.jsonl`: texts and what Ruby made of them. */
export function recordedRows(name: string): RecordedRow[] {
  const file = new URL(`../../../fixtures/yaml/${name}.jsonl`, import.meta.url)
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedRow)
}

export function answerOf({ tree, error }: RecordedRow): Answer {
  return error === undefined ? { ...(tree && { tree }) } : { error }
}

/** Our answer, in the same form. */
export function ourAnswer(text: string): Answer {
  const parsed = parseYaml(text, 'test.yml')
  if (!parsed.ok) return { error: parsed.error.message }
  const [root] = parsed.value.documents
  return { tree: root ? treeOf(root) : ['n', ''] }
}

export function treeOf(node: YamlNode): Tree {
  switch (node.kind) {
    case 'scalar':
      return [kindOf(node), node.text]
    case 'sequence':
      return { seq: node.items.map(treeOf) }
    case 'mapping':
      return {
        map: Array.from(node.entries.values(), ({ key, value }) => [treeOf(key), treeOf(value)] as const),
      }
    case 'reference':
      return { ref: node.path }
  }
}

function kindOf({ value, text }: YamlScalar): string {
  if (value === null) return 'n'
  if (typeof value === 'number') return /^-?\d+$/.test(text) ? 'i' : 'f'
  return typeof value === 'boolean' ? 'b' : 's'
}
