import type { Diagnostic, Span } from '../../shared/diagnostic.ts'
import { closest } from '../../shared/closest.ts'
import type { YamlNode } from '../../yaml/node.ts'
import type { Condition, Config, VariableConfig } from '../config.ts'
import type { Expression } from '../expression/expression.ts'
import { isPredefined, PREDEFINED_NAMES } from '../variables/predefined-names.ts'
import { ruleLists, warningAt, type LintedFile } from './warning.ts'

interface Use {
  readonly name: string
  readonly span: Span
}

/**
 * Variables that an `if` reads and nothing in sight sets, be it for another job: shared rules ask what only some jobs say. One
 * warning for each, at its first place.
 */
export function unsetVariables({ config, written, given }: LintedFile): Diagnostic[] {
  const set = new Set([...given, ...namesIn(written.entries.get('variables')?.value)])
  for (const { value } of written.entries.values())
    if (value.kind === 'mapping')
      for (const key of namesIn(value.entries.get('variables')?.value)) set.add(key)
  for (const { rules } of ruleLists(config))
    for (const rule of rules) for (const key of keysOf(rule.variables)) set.add(key)
  const warned = new Map<string, Diagnostic>()
  for (const { name, span } of uses(config, set)) {
    if (!warned.has(name)) warned.set(name, warning(name, span, set, config))
  }
  return [...warned.values()]
}

function* uses(config: Config, set: ReadonlySet<string>): Generator<Use> {
  for (const rule of config.workflow.rules ?? []) {
    if (rule.if !== null) yield* unsetIn(rule.if.value, rule.if.span, set)
  }
  for (const { keywords, instances } of config.jobs.values()) {
    const own = new Set([...set, ...keysOf(keywords.variables)])
    for (const instance of instances ?? []) for (const key of keysOf(instance.variables)) own.add(key)
    for (const rule of keywords.rules ?? [])
      if (rule.if !== null) yield* unsetIn(rule.if.value, rule.if.span, own)
    for (const policy of [keywords.only, keywords.except]) {
      const { value = [], span } = policy?.variables ?? {}
      if (span !== undefined) for (const condition of value) yield* unsetIn(condition, span, own)
    }
  }
}

function keysOf(variables: readonly VariableConfig[] | undefined): string[] {
  return (variables ?? []).map(({ key }) => key)
}

function* unsetIn({ expression }: Condition, span: Span, set: ReadonlySet<string>): Generator<Use> {
  for (const name of namesRead(expression)) if (!set.has(name) && !isPredefined(name)) yield { name, span }
}

/** Of a `variables` hash. */
function namesIn(node: YamlNode | undefined): string[] {
  return node?.kind === 'mapping' ? [...node.entries.keys()] : []
}

function* namesRead(expression: Expression): Generator<string> {
  if (expression.kind === 'variable') yield expression.name
  if (expression.kind === 'not') yield* namesRead(expression.operand)
  if (expression.kind === 'binary') {
    yield* namesRead(expression.left)
    yield* namesRead(expression.right)
  }
}

function warning(name: string, span: Span, set: ReadonlySet<string>, { sources }: Config): Diagnostic {
  const near = closest(name, [...set, ...PREDEFINED_NAMES])
  const isTheirs = name.startsWith('CI_')
  const where = isTheirs
    ? 'GitLab has no such variable'
    : 'a trigger, a project variable or --variable must give it'
  return warningAt(sources, place(name, span, sources), {
    code: 'expression.unset',
    message: `$${name} is set nowhere in these files`,
    help:
      near === undefined
        ? where
        : `did you mean $${near}? Otherwise ${isTheirs ? `note that ${where}` : where}`,
  })
}

function place(name: string, span: Span, sources: Config['sources']): Span {
  const at = sources.get(span.file)?.indexOf(`$${name}`, span.start) ?? -1
  return at === -1 || at >= span.end ? span : { file: span.file, start: at, end: at + name.length + 1 }
}
