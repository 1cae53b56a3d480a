import type { Diagnostic } from '../../shared/diagnostic.ts'
import { closest } from '../../shared/closest.ts'
import type { YamlEntry, YamlNode } from '../../yaml/node.ts'
import { warningAt, type LintedFile } from './warning.ts'

/** Hidden keys of the file that no `extends`, no `!reference` and no alias takes anything from. */
export function unusedHiddenJobs({ config, written, path }: LintedFile): Diagnostic[] {
  const hidden = [...written.entries.values()].filter(
    ({ key }) => key.text.startsWith('.') && key.span.file === path,
  )
  if (hidden.length === 0) return []
  const used = usedNames(written.entries)
  const unknown = [...used].filter((name) => !written.entries.has(name))
  return hidden.flatMap(({ key, value }) => {
    if (used.has(key.text) || lendsNodes(key.text, value, written.entries)) return []
    const near = closest(key.text, unknown)
    return warningAt(config.sources, key.span, {
      code: 'job.unused',
      message: `hidden job ${key.text} is not used`,
      help: near === undefined ? 'no `extends`, `!reference` or alias names it' : `"${near}" is close`,
    })
  })
}

function usedNames(entries: ReadonlyMap<string, YamlEntry>): Set<string> {
  const used = new Set<string>()
  const seen = new Set<YamlNode>()
  for (const { value } of entries.values()) {
    if (value.kind === 'mapping')
      for (const name of basesIn(value.entries.get('extends')?.value)) used.add(name)
    collectReferences(value, used, seen)
  }
  return used
}

function basesIn(node: YamlNode | undefined): string[] {
  if (node?.kind === 'scalar') return [node.text]
  return node?.kind === 'sequence'
    ? node.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []))
    : []
}

function collectReferences(node: YamlNode, used: Set<string>, seen: Set<YamlNode>): void {
  if (node.kind === 'scalar' || seen.has(node)) return
  seen.add(node)
  if (node.kind === 'reference') used.add(node.path[0] ?? '')
  else for (const child of childrenOf(node)) collectReferences(child, used, seen)
}

/** An alias is the very node that its anchor marks, and a merge key takes over the very entries: the same objects turn up elsewhere. */
function lendsNodes(name: string, value: YamlNode, entries: ReadonlyMap<string, YamlEntry>): boolean {
  const own = new Set<YamlNode>()
  collect(value, own)
  const seen = new Set<YamlNode>()
  for (const [other, entry] of entries) if (other !== name && meets(entry.value, own, seen)) return true
  return false
}

function collect(node: YamlNode, found: Set<YamlNode>): void {
  if (found.has(node)) return
  found.add(node)
  for (const child of childrenOf(node)) collect(child, found)
}

function meets(node: YamlNode, own: ReadonlySet<YamlNode>, seen: Set<YamlNode>): boolean {
  if (own.has(node)) return true
  if (seen.has(node)) return false
  seen.add(node)
  return childrenOf(node).some((child) => meets(child, own, seen))
}

function childrenOf(node: YamlNode): readonly YamlNode[] {
  if (node.kind === 'sequence') return node.items
  return node.kind === 'mapping' ? Array.from(node.entries.values(), ({ value }) => value) : []
}
