import type { Span } from '../../shared/diagnostic.ts'
import { closest } from '../../shared/closest.ts'
import type { YamlNode } from '../../yaml/node.ts'
import { isNull, isSequence } from '../config/nodes.ts'
import { regexpSource } from '../config/paths.ts'
import { compilePattern, matches } from '../expression/pattern.ts'
import type { Finding } from '../texts.ts'
import { matchingRule } from './rules.ts'
import type { InputSpec } from './specification.ts'
import * as texts from './texts.ts'
import { parsedJson, printed, textScalar } from './value.ts'

/** The values handed to a file. */
export interface GivenInputs {
  readonly values: ReadonlyMap<string, GivenInput>
  /** Where something is said about what was not given; null: nothing was written, the values came with the request. */
  readonly span: Span | null
}

export interface GivenInput {
  readonly value: YamlNode
  /** Null: it came with the request. */
  readonly span: Span | null
}

export const NO_INPUTS: GivenInputs = { values: new Map(), span: null }

type Complain = (span: Span, finding: Finding, help?: string) => void
type Kind = 'default' | 'provided'

/**
 * The value of each declared input: what was given, or its default. What does not fit is reported, where it was given
 * or, for a value that came with the request, where the input is declared.
 */
export function bindInputs(
  specs: ReadonlyMap<string, InputSpec>,
  given: GivenInputs,
  at: Span,
  complain: Complain,
): ReadonlyMap<string, YamlNode> {
  checkNames(specs, given, at, complain)
  const bound = new Map<string, YamlNode>()
  for (const spec of specs.values()) {
    const value = bindInput(spec, given, bound, complain)
    if (value !== undefined) bound.set(spec.name, value)
  }
  return bound
}

function checkNames(
  specs: ReadonlyMap<string, InputSpec>,
  given: GivenInputs,
  at: Span,
  complain: Complain,
): void {
  const unknown = [...given.values.keys()].filter((name) => !specs.has(name))
  const [first] = unknown
  if (first === undefined) return
  const near = closest(first, specs.keys())
  const declared =
    specs.size === 0 ? 'the file declares no inputs' : `declared: ${[...specs.keys()].join(', ')}`
  const help = near === undefined ? declared : `did you mean "${near}"? ${declared}`
  complain(given.values.get(first)?.span ?? given.span ?? at, texts.unknownArguments(unknown), help)
}

function bindInput(
  spec: InputSpec,
  given: GivenInputs,
  bound: ReadonlyMap<string, YamlNode>,
  complain: Complain,
): YamlNode | undefined {
  const written = given.values.get(spec.name)
  const provided = written && !isNull(written.value) ? written : undefined
  const rule = spec.rules === null ? undefined : matchingRule(spec.rules, inputsSoFar(given, bound))
  const fallback = spec.rules === null ? spec.default : (rule?.default ?? null)
  const options = spec.rules === null ? spec.options : (rule?.options ?? null)
  // GitLab: within rules a default of null asks a person to choose.
  const hasDefault = fallback !== null && !(spec.rules !== null && isNull(fallback))
  if (provided === undefined && !hasDefault) {
    complain(given.span ?? spec.span, texts.required(spec.name), howToGive(spec, given, options))
    return undefined
  }
  const check: Checks = { spec, options, complain }
  const value = hasDefault ? checked(fallback, 'default', fallback.span, check) : undefined
  if (provided === undefined) return value
  return checked(provided.value, 'provided', provided.span ?? spec.span, check)
}

function howToGive(spec: InputSpec, given: GivenInputs, options: readonly YamlNode[] | null): string {
  const choice = options === null ? '' : `, one of ${options.map(printed).join(', ')}`
  return given.span === null
    ? `give it with the request: --input ${spec.name}=VALUE${choice}`
    : `the input has no default; write \`${spec.name}\` under \`inputs:\` of this include${choice}`
}

function inputsSoFar(
  given: GivenInputs,
  bound: ReadonlyMap<string, YamlNode>,
): ReadonlyMap<string, string | boolean | null> {
  const values = new Map<string, string | boolean | null>()
  for (const [name, { value }] of given.values) values.set(name, comparable(value))
  for (const [name, value] of bound) values.set(name, comparable(value))
  return values
}

function comparable(node: YamlNode): string | boolean | null {
  if (node.kind !== 'scalar') return printed(node)
  return typeof node.value === 'boolean' || node.value === null ? node.value : node.text
}

interface Checks {
  readonly spec: InputSpec
  readonly options: readonly YamlNode[] | null
  readonly complain: Complain
}

function checked(
  node: YamlNode,
  kind: Kind,
  span: Span,
  { spec, options, complain }: Checks,
): YamlNode | undefined {
  const { name, type } = spec
  const value = coerced(node, spec)
  if (value === undefined) {
    complain(span, texts.wrongType(name, type, kind), `it is ${describe(node)}`)
    return undefined
  }
  const finding = optionFinding(value, options, spec) ?? regexFinding(value, kind, spec)
  if (finding === undefined) return value
  complain(span, finding.finding, finding.help)
  return undefined
}

/** The value as the type wants it; undefined when it is no such thing. */
function coerced(node: YamlNode, { type }: InputSpec): YamlNode | undefined {
  // GitLab: `value.to_s`. A list or hash given for a text is a mistake in every case.
  if (type === 'string') return node.kind === 'scalar' ? textScalar(node.text, node.span) : undefined
  const value = parsedJson(node)
  if (type === 'array') return isSequence(value) ? value : undefined
  return value.kind === 'scalar' && typeof value.value === type ? value : undefined
}

interface Objection {
  readonly finding: Finding
  readonly help?: string
}

function optionFinding(
  value: YamlNode,
  options: readonly YamlNode[] | null,
  { name, type }: InputSpec,
): Objection | undefined {
  if (options === null) return undefined
  if (type === 'array' || type === 'boolean') return { finding: texts.optionsNotAllowed(name) }
  const fits = options.some((option) =>
    type === 'number'
      ? option.kind === 'scalar' && value.kind === 'scalar' && option.value === value.value
      : printed(option) === printed(value),
  )
  if (fits) return undefined
  const allowed = options.map(printed)
  const near = closest(printed(value), allowed)
  const help = near === undefined ? `allowed: ${allowed.join(', ')}` : `did you mean "${near}"?`
  return { finding: texts.notAnOption(name, printed(value), type), help }
}

function regexFinding(value: YamlNode, kind: Kind, { name, type, regex }: InputSpec): Objection | undefined {
  if (regex === null) return undefined
  if (type !== 'string') return { finding: texts.regexNotAllowed(name) }
  const source = printed(regex)
  const pattern = compilePattern(regexpSource(source))
  if (!pattern.ok) return { finding: texts.regexInvalid(name), help: pattern.error }
  if (matches(pattern.value, printed(value))) return undefined
  return { finding: texts.regexMismatch(name, kind), help: `"${printed(value)}" does not fit ${source}` }
}

function describe(node: YamlNode): string {
  if (node.kind === 'sequence') return 'a list'
  if (node.kind !== 'scalar') return node.kind === 'mapping' ? 'a hash' : 'a !reference'
  if (node.value === null) return 'null'
  return typeof node.value === 'string' ? `the text "${node.value}"` : node.text
}
