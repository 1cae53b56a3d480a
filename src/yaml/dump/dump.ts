import type { YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence } from '../node.ts'
import { startEmitter, type Emitter } from './emitter.ts'
import { styleOf } from './scalar-style.ts'

export interface DumpOptions {
  /** What is written behind a key, as a comment; nothing for undefined. */
  readonly comment?: (entry: YamlEntry) => string | undefined
}

/** Longer keys are written as `? key` (libyaml: 128 bytes). */
const LONGEST_SIMPLE_KEY = 128

/** Psych: the text of a merge key that is none is tagged. */
const MERGE_KEY = '<<'
const TEXT_TAG = '!!str'

/** A node as Ruby's `to_yaml` prints what Psych made of it, keys turned to strings as GitLab does. */
export function dumpYaml(node: YamlNode, options: DumpOptions = {}): string {
  const emitter = startEmitter()
  emitter.append('---')
  writeNode(node, -1, { emitter, options, inMapping: false, comment: undefined })
  return emitter.text()
}

interface Writing {
  readonly emitter: Emitter
  readonly options: DumpOptions
  /** The node is the value of a key. */
  readonly inMapping: boolean
  /** Still to be written behind what comes next in this line. */
  readonly comment: string | undefined
}

function writeNode(node: YamlNode, indent: number, writing: Writing): void {
  switch (node.kind) {
    case 'scalar':
      return writeScalar(node, indent, writing)
    case 'sequence':
      return writeSequence(node, indent, writing)
    case 'mapping':
      return writeMapping(node, indent, writing)
    case 'reference':
      // Only in a document whose references could not be resolved.
      return writeReference(node.path, writing)
  }
}

function writeScalar(node: YamlScalar, indent: number, { emitter, comment }: Writing): void {
  const style = styleOf(node, false)
  const columns = Math.max(indent, 0) + 2
  const text = node.value === null ? '' : node.text
  if (text === MERGE_KEY) emitter.indicator(TEXT_TAG, true, false)
  if (style === 'literal') emitter.scalar(text, style, columns, commentText(comment))
  else {
    emitter.scalar(text, style, columns)
    writeComment(emitter, comment)
  }
}

function writeSequence(node: YamlSequence, indent: number, writing: Writing): void {
  const { emitter, options, inMapping, comment } = writing
  if (node.items.length === 0) return writeEmpty('[]', emitter, comment)
  writeComment(emitter, comment)
  // libyaml: a list below a key is not indented.
  const own = indent < 0 ? 0 : inMapping && !emitter.indention ? indent : indent + 2
  for (const item of node.items) {
    emitter.indent(own)
    emitter.indicator('-', true, true)
    writeNode(item, own, { emitter, options, inMapping: false, comment: undefined })
  }
}

function writeMapping(node: YamlMapping, indent: number, { emitter, options, comment }: Writing): void {
  if (node.entries.size === 0) return writeEmpty('{}', emitter, comment)
  writeComment(emitter, comment)
  const own = indent < 0 ? 0 : indent + 2
  for (const entry of node.entries.values()) {
    emitter.indent(own)
    const { key, value } = entry
    const isSimple = !key.text.includes('\n') && Buffer.byteLength(key.text) <= LONGEST_SIMPLE_KEY
    if (isSimple) {
      if (key.text === MERGE_KEY) emitter.indicator(TEXT_TAG, true, false)
      emitter.scalar(key.text, styleOf(key, true), -1)
      emitter.indicator(':', false, false)
    } else {
      emitter.indicator('?', true, true)
      writeScalar({ ...key, value: key.text }, own, { emitter, options, inMapping: true, comment: undefined })
      emitter.indent(own)
      emitter.indicator(':', true, true)
    }
    writeNode(value, own, { emitter, options, inMapping: true, comment: options.comment?.(entry) })
  }
}

function writeEmpty(text: string, emitter: Emitter, comment: string | undefined): void {
  emitter.indicator(text, true, false)
  writeComment(emitter, comment)
}

function writeReference(path: readonly string[], { emitter, comment }: Writing): void {
  emitter.indicator(`!reference [${path.map((part) => JSON.stringify(part)).join(', ')}]`, true, false)
  writeComment(emitter, comment)
}

function writeComment(emitter: Emitter, comment: string | undefined): void {
  if (comment !== undefined) emitter.append(commentText(comment))
}

function commentText(comment: string | undefined): string {
  return comment === undefined ? '' : ` # ${comment}`
}
