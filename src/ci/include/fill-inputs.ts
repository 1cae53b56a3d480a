import type { Span } from '../../shared/diagnostic.ts'
import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import { type ParsedFile } from '../document.ts'
import { bindInputs, type GivenInputs } from '../inputs/bind.ts'
import type { BlockContext } from '../inputs/block.ts'
import { type Header, readHeader } from '../inputs/header.ts'
import { interpolate } from '../inputs/interpolate.ts'
import { checkRuleReferences } from '../inputs/rules.ts'
import type { InputSpec } from '../inputs/specification.ts'
import { configTooLarge, duplicateInputs, notDefined } from '../inputs/texts.ts'
import { nodeOf } from '../inputs/value.ts'
import { isAffordable } from '../inputs/weigh.ts'
import { addProblem, type Reading } from '../report.ts'
import type { Finding } from '../texts.ts'
import type { ComponentFacts } from './port.ts'
import type { IncludeScope } from './scope.ts'
import type { IncludeWork } from './work.ts'

/** A file whose header and blocks are to be carried out. */
export interface FileToFill {
  readonly file: string
  readonly identity: string | null
  readonly parsed: ParsedFile
  readonly body: YamlMapping
  readonly given: GivenInputs
  /** The include that brought it, or the start of the first file. */
  readonly span: Span
  /** Depth below the first file. */
  readonly level: number
  /** GitLab names an included file in front of what is wrong with its inputs. */
  readonly prefix?: string
}

/** Input specifications out of the files of `spec:include`. Undefined: reported. */
export type HeaderIncludes = (
  node: YamlNode,
) => Promise<readonly (readonly [name: string, spec: InputSpec])[] | undefined>

/**
 * The body of a file with its inputs put in, in GitLab's order: header, values, blocks; the first step in which something
 * is wrong reports all of that step and ends it.
 */
export async function fillInputs(
  file: FileToFill,
  scope: IncludeScope,
  work: IncludeWork,
  headerIncludes: HeaderIncludes,
): Promise<YamlMapping | undefined> {
  const reading: Reading = { ...work.reading, problems: [] }
  const body = await fill(file, scope, work, reading, headerIncludes)
  for (const problem of reading.problems) {
    const message = file.prefix === undefined ? problem.message : `\`${file.prefix}\`: ${problem.message}`
    work.reading.problems.push({ ...problem, message })
  }
  return body
}

async function fill(
  file: FileToFill,
  scope: IncludeScope,
  work: IncludeWork,
  reading: Reading,
  headerIncludes: HeaderIncludes,
): Promise<YamlMapping | undefined> {
  const { header: document } = file.parsed
  if (document === null) return withoutHeader(file, work, reading)
  const header = readHeader(document, { reading, path: '' })
  if (reading.problems.length > 0) return undefined
  const specs = await allSpecs(header, reading, headerIncludes)
  if (specs === undefined || reading.problems.length > 0) return undefined
  const complain = (span: Span, finding: Finding, help?: string): undefined =>
    addProblem(reading, span, finding, help)
  const inputs = bindInputs(specs, file.given, header.span, complain)
  if (reading.problems.length > 0) return undefined
  const context: BlockContext = {
    variables: scope.variables,
    values: new Map([
      ['inputs', inputs],
      ['component', componentValues(header, scope.component)],
    ]),
  }
  const filled = interpolate(file.body, context, complain)
  if (filled === undefined) return undefined
  if (filled.node !== file.body && !isAffordable(filled.node))
    return addProblem(reading, header.span, configTooLarge)
  note(file, work, filled.values)
  return filled.node
}

/** Most files: nothing is looked at but whether somebody hands them something. */
function withoutHeader(file: FileToFill, work: IncludeWork, reading: Reading): YamlMapping | undefined {
  const [name] = file.given.values.keys()
  if (name === undefined) {
    note(file, work, [])
    return file.body
  }
  const names = [...file.given.values.keys()].join(', ')
  const span = file.given.values.get(name)?.span ?? file.span
  return addProblem(reading, span, notDefined, `given: ${names}; the file has no \`spec:inputs\``)
}

function note(
  { file, identity, level }: FileToFill,
  work: IncludeWork,
  values: readonly (readonly [string, string])[],
): void {
  work.key.push(`${level} ${file} ${identity ?? ''} ${values.length === 0 ? '' : JSON.stringify(values)}`)
}

async function allSpecs(
  header: Header,
  reading: Reading,
  headerIncludes: HeaderIncludes,
): Promise<ReadonlyMap<string, InputSpec> | undefined> {
  if (header.include === undefined) return header.inputs
  const included = await headerIncludes(header.include)
  if (included === undefined) return undefined
  const all = [...included, ...header.inputs]
  const names = all.map(([name]) => name)
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
  const second = all.findLast(([name]) => name === twice[0])?.[1]
  if (second !== undefined) return addProblem(reading, second.span, duplicateInputs(twice))
  const specs = new Map(all)
  checkRuleReferences(specs, { reading, path: 'header:spec:inputs' })
  return specs
}

/** Only what `spec:component` asks for can be used. */
function componentValues(header: Header, facts: ComponentFacts | null): ReadonlyMap<string, YamlNode> {
  const values = new Map<string, YamlNode>()
  for (const [name, value] of Object.entries(facts ?? {})) {
    const node = header.component.includes(name) ? nodeOf(value, header.span) : undefined
    if (node !== undefined) values.set(name, node)
  }
  return values
}
