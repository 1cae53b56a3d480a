import type { Span } from '../../shared/diagnostic.ts'
import { rubyFloat } from '../../shared/ruby-float.ts'
import type { YamlEntry, YamlNode, YamlScalar } from '../../yaml/node.ts'

/** A value as Ruby's `to_s` writes it into a longer text: lists and hashes as `inspect` shows them. */
export function printed(node: YamlNode): string {
  return node.kind === 'scalar' ? node.text : inspected(node)
}

function inspected(node: YamlNode): string {
  switch (node.kind) {
    case 'scalar':
      if (node.value === null) return 'nil'
      return typeof node.value === 'string' ? JSON.stringify(node.value) : node.text
    case 'sequence':
      return `[${node.items.map(inspected).join(', ')}]`
    case 'mapping':
      return `{${Array.from(node.entries.values(), ({ key, value }) => `${symbol(key.text)}=>${inspected(value)}`).join(', ')}}`
    case 'reference':
      return `!reference ${JSON.stringify(node.path).replaceAll(',', ', ')}`
  }
}

/** GitLab turns every key into a symbol. */
function symbol(key: string): string {
  return /^[A-Za-z_]\w*[?!]?$/.test(key) ? `:${key}` : `:${JSON.stringify(key)}`
}

export function textScalar(value: string, span: Span): YamlScalar {
  return { kind: 'scalar', value, text: value, span }
}

/** A JSON value as a node; everything in it stands at `span`. Undefined for what JSON cannot hold. */
export function nodeOf(value: unknown, span: Span): YamlNode | undefined {
  if (value === null) return { kind: 'scalar', value: null, text: '', span }
  if (typeof value === 'string') return textScalar(value, span)
  if (typeof value === 'boolean') return { kind: 'scalar', value, text: String(value), span }
  if (typeof value === 'number') {
    return { kind: 'scalar', value, text: Number.isInteger(value) ? String(value) : rubyFloat(value), span }
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => nodeOf(item, span))
    return items.every((item) => item !== undefined) ? { kind: 'sequence', items, span } : undefined
  }
  return typeof value === 'object' ? mappingOf(value, span) : undefined
}

function mappingOf(value: object, span: Span): YamlNode | undefined {
  const entries = new Map<string, YamlEntry>()
  for (const [key, inner] of Object.entries(value)) {
    const node = nodeOf(inner, span)
    if (node === undefined) return undefined
    entries.set(key, { key: textScalar(key, span), value: node })
  }
  return { kind: 'mapping', entries, span }
}

/**
 * GitLab: the value of an input that is no string may come as JSON text (`"[1, 2]"`, `"true"`), from a form as
 * well as from a file; text that is no JSON stays what it is.
 */
export function parsedJson(node: YamlNode): YamlNode {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node
  try {
    const value: unknown = JSON.parse(node.value)
    // A fraction of zero is lost in JavaScript's number, but Ruby prints it.
    if (typeof value === 'number' && node.value.includes('.')) {
      return { kind: 'scalar', value, text: rubyFloat(value), span: node.span }
    }
    return nodeOf(value, node.span) ?? node
  } catch {
    return node
  }
}
