import type { YamlNode } from './node.ts'

/** A node as Ruby's `inspect` prints what Psych makes of it, for messages and for keys that are collections. */
export function inspect(node: YamlNode): string {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string'
        ? JSON.stringify(node.value)
        : node.value === null
          ? 'nil'
          : node.text
    case 'sequence':
      return `[${node.items.map(inspect).join(', ')}]`
    case 'mapping':
      return `{${Array.from(node.entries.values(), ({ key, value }) => `${inspect(key)}=>${inspect(value)}`).join(', ')}}`
    case 'reference':
      return `!reference ${JSON.stringify(node.path).replaceAll(',', ', ')}`
  }
}
