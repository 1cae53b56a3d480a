import type { Span } from '../../shared/diagnostic.ts'
import type { YamlEntry, YamlNode } from '../../yaml/node.ts'
import { textScalar } from '../inputs/value.ts'
import { isBlank, isMapping, isNull, isSequence, isString } from '../config/nodes.ts'
import { expandIn, type IncludeScope } from './scope.ts'

/** One item of `include`, as a hash; variables in its values are expanded. */
export interface IncludeLocation {
  /** The item as written: where its problems are shown. */
  readonly span: Span
  readonly values: ReadonlyMap<string, YamlEntry>
}

/** The items of an `include`, of which null is none; what is neither text nor hash is handed to `refuse`. */
export function includeItems(
  node: YamlNode,
  scope: IncludeScope,
  refuse: (span: Span) => void,
): IncludeLocation[] {
  if (isNull(node)) return []
  const locations: IncludeLocation[] = []
  for (const item of isSequence(node) ? node.items : [node]) {
    if (isNull(item)) continue
    if (isString(item)) locations.push(fromText(item.value, item.span, scope))
    else if (isMapping(item)) locations.push({ span: item.span, values: item.entries })
    else refuse(item.span)
  }
  return locations
}

/** GitLab expands first: the variable may hold the address. */
function fromText(written: string, span: Span, scope: IncludeScope): IncludeLocation {
  const text = expandIn(written, scope)
  const key = /^https?:\/\//.test(text) ? 'remote' : 'local'
  return { span, values: new Map([[key, { key: textScalar(key, span), value: textScalar(text, span) }]]) }
}

/** `project` with a list of files is one location for each. */
export function withEachFile(location: IncludeLocation): IncludeLocation[] {
  const file = location.values.get('file')
  if (!has(location, 'project') || file === undefined || !isSequence(file.value)) return [location]
  return file.value.items.map((value) => withValue(location, 'file', value))
}

export function withValue(location: IncludeLocation, key: string, value: YamlNode): IncludeLocation {
  const entry = location.values.get(key)
  const values = new Map(location.values)
  values.set(key, { key: entry?.key ?? textScalar(key, location.span), value })
  return { span: location.span, values }
}

/** GitLab expands texts, and the texts of lists; `inputs` stay as they are. */
export function expanded(location: IncludeLocation, scope: IncludeScope): IncludeLocation {
  let values: Map<string, YamlEntry> | undefined
  for (const [key, entry] of location.values) {
    if (key === 'rules' || !isString(entry.value)) continue
    const text = expandIn(entry.value.value, scope)
    if (text === entry.value.value) continue
    values ??= new Map(location.values)
    values.set(key, { key: entry.key, value: textScalar(text, entry.value.span) })
  }
  return values === undefined ? location : { span: location.span, values }
}

/** Whether a key is there with a value that is not blank. */
export function has(location: IncludeLocation, key: string): boolean {
  return !isBlank(location.values.get(key)?.value)
}

export function valueOf(location: IncludeLocation, key: string): YamlNode | undefined {
  const value = location.values.get(key)?.value
  return isNull(value) ? undefined : value
}

export function textOf(location: IncludeLocation, key: string): string | undefined {
  const value = location.values.get(key)?.value
  return isString(value) ? value.value : undefined
}

/** A location as Ruby's `to_json` prints it. */
export function asJson({ values }: IncludeLocation): string {
  return `{${Array.from(values, ([key, { value }]) => `${JSON.stringify(key)}:${json(value)}`).join(',')}}`
}

/** A value in messages: texts without quotes. */
export function shown(node: YamlNode | undefined): string {
  return isString(node) ? node.value : node === undefined ? '' : json(node)
}

function json(node: YamlNode): string {
  if (node.kind === 'scalar') return JSON.stringify(node.value)
  if (node.kind === 'sequence') return `[${node.items.map(json).join(',')}]`
  return node.kind === 'mapping'
    ? asJson({ span: node.span, values: node.entries })
    : JSON.stringify(node.path)
}
