import { child, isMapping, isNull } from '../ci/config/nodes.ts'
import { parseFile } from '../ci/document.ts'
import { readHeader } from '../ci/inputs/header.ts'
import { printed } from '../ci/inputs/value.ts'
import type { LoadedDocument } from '../ci/load.ts'
import { startReading } from '../ci/report.ts'
import type { YamlMapping } from '../yaml/node.ts'
import type { PlanTask } from './plan-document.ts'

/** What a form for a new pipeline asks for. */
export interface PipelineForm {
  /** Those at the top level that have a description (GitLab). */
  readonly variables: readonly FormVariable[]
  /** `spec:inputs` of the CI file itself. */
  readonly inputs: readonly FormInput[]
}

export interface FormVariable {
  readonly key: string
  readonly value: string
  readonly description: string
  /** The values to choose from; null: any. */
  readonly options: readonly string[] | null
}

export interface FormInput {
  readonly name: string
  readonly type: string
  /** As text; null: there is none. */
  readonly default: string | null
  /** A value must be given: there is no default, and no rule that could have one. */
  readonly required: boolean
  readonly description: string | null
  readonly options: readonly string[] | null
}

/** A file that is wrong asks for what could be read of it. */
export function pipelineForm({ root }: Pick<PlanTask, 'root'>, { loaded }: LoadedDocument): PipelineForm {
  return { variables: loaded.ok ? loaded.value.variables.flatMap(described) : [], inputs: inputsOf(root) }
}

type Loaded = Extract<LoadedDocument['loaded'], { ok: true }>['value']

function described({ key, value, prefill }: Loaded['variables'][number]): FormVariable[] {
  if (prefill === undefined || prefill.description === null) return []
  return [{ key, value, description: prefill.description, options: prefill.options }]
}

function inputsOf(root: PlanTask['root']): readonly FormInput[] {
  const parsed = parseFile(root)
  if (!parsed.ok || parsed.value.header === null) return []
  const { header } = parsed.value
  const reading = startReading(new Map([[root.path, root.text]]))
  const { inputs } = readHeader(header, { reading, path: '' })
  return [...inputs.values()].map((spec) => ({
    name: spec.name,
    type: spec.type,
    default: spec.default === null ? null : isNull(spec.default) ? '' : textOf(spec.default),
    required: spec.default === null && spec.rules === null,
    description: descriptionOf(header, spec.name),
    options: spec.options?.map(printed) ?? null,
  }))
}

/** Lists are typed as JSON. */
function textOf(node: Parameters<typeof printed>[0]): string {
  return node.kind === 'sequence' ? JSON.stringify(node.items.map(plain)) : printed(node)
}

function plain(node: Parameters<typeof printed>[0]): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'sequence') return node.items.map(plain)
  if (node.kind === 'reference') return null
  return Object.fromEntries([...node.entries.values()].map(({ key, value }) => [key.text, plain(value)]))
}

function descriptionOf(header: YamlMapping, name: string): string | null {
  const spec = child(header, 'spec')
  const inputs = spec && isMapping(spec) ? child(spec, 'inputs') : undefined
  const input = inputs && isMapping(inputs) ? child(inputs, name) : undefined
  const description = input && isMapping(input) ? child(input, 'description') : undefined
  return description?.kind === 'scalar' ? description.text : null
}
