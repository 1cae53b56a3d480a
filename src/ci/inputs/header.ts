import type { Span } from '../../shared/diagnostic.ts'
import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import { checkKeys } from '../config/keys.ts'
import { child, isMapping, isNull, isString, strings } from '../config/nodes.ts'
import { configError, type Report, under } from '../report.ts'
import { notAHash, notStrings, unknownValues } from '../texts.ts'
import { checkRuleReferences } from './rules.ts'
import { type InputSpec, readInputSpecs } from './specification.ts'

/** The document above the `---`. */
export interface Header {
  readonly span: Span
  /** `spec:inputs` as written here, to be joined by those of `spec:include`. */
  readonly inputs: ReadonlyMap<string, InputSpec>
  /** `spec:include`. */
  readonly include: YamlNode | undefined
  /** `spec:component`: which facts about the component the body may use. */
  readonly component: readonly string[]
}

export const COMPONENT_FACTS: readonly string[] = ['name', 'sha', 'version', 'reference']

/** What a header says; what is wrong with it is reported with GitLab's location `header:spec:…`. */
export function readHeader(document: YamlMapping, report: Report): Header {
  const header = under(report, 'header')
  checkKeys(document, ['spec'], header)
  const node = child(document, 'spec')
  const span = document.entries.get('spec')?.key.span ?? document.span
  const empty: Header = { span, inputs: new Map(), include: undefined, component: [] }
  if (node === undefined) return empty
  const spec = under(header, 'spec')
  if (!isMapping(node)) {
    configError(spec, node.span, notAHash)
    return empty
  }
  checkKeys(node, ['inputs', 'include', 'component'], spec)
  const inputs = readInputSpecs(child(node, 'inputs'), under(spec, 'inputs'))
  const include = child(node, 'include')
  if (include === undefined) checkRuleReferences(inputs, under(spec, 'inputs'))
  return {
    span,
    inputs,
    include,
    component: readComponent(child(node, 'component'), under(spec, 'component')),
  }
}

function readComponent(node: YamlNode | undefined, report: Report): readonly string[] {
  if (node === undefined || isNull(node)) return []
  const words = strings(node)
  if (words === undefined) {
    configError(report, node.span, notStrings)
    return []
  }
  const unknown = words.filter((word) => !COMPONENT_FACTS.includes(word))
  const at =
    node.kind === 'sequence'
      ? node.items.find((item) => isString(item) && unknown.includes(item.value))
      : undefined
  if (unknown.length > 0)
    configError(report, at?.span ?? node.span, unknownValues(unknown), `known: ${COMPONENT_FACTS.join(', ')}`)
  return words.filter((word) => COMPONENT_FACTS.includes(word))
}
