import { err, ok, type Result } from '../../shared/result.ts'
import type { Variable } from '../../model/variable.ts'
import type { YamlNode } from '../../yaml/node.ts'
import type { Finding } from '../texts.ts'
import { expandExisting } from '../variables/expand.ts'
import { shellEscape } from './shell-escape.ts'
import { functionFailed, noFunction } from './texts.ts'
import { textScalar } from './value.ts'

/** What a function of a block may use. */
export interface FunctionContext {
  /** CI variables that `include` sees, by name; the last of a name won. */
  readonly variables: ReadonlyMap<string, Variable>
}

/** One `| name(arguments)` of a block, ready to be applied. */
export type BlockFunction = (value: YamlNode, context: FunctionContext) => Result<YamlNode, Finding>

/** The functions named in a block, in order; GitLab finds all that do not exist before any is applied. */
export function findFunctions(
  texts: readonly string[],
): Result<readonly BlockFunction[], readonly Finding[]> {
  const found: BlockFunction[] = []
  const unknown: Finding[] = []
  for (const text of texts) {
    const apply = findFunction(text)
    if (apply === undefined) unknown.push(noFunction(text))
    else found.push(apply)
  }
  return unknown.length > 0 ? err(unknown) : ok(found)
}

function findFunction(text: string): BlockFunction | undefined {
  // GitLab lets the closing parenthesis be missing.
  const truncation = /^truncate\(\s*(\d+)\s*,\s*(\d+)\s*\)?$/.exec(text)
  if (truncation) return truncate(Number(truncation[1]), Number(truncation[2]))
  const separator = /^split\('([^']*)'\)$/.exec(text)?.[1]
  if (separator !== undefined) return split(separator)
  if (text === 'expand_vars') return expandVars
  if (text === 'posix_escape' || text === 'posix_quote') {
    return onText(text, (value) => ok(shellEscape(value)))
  }
  return undefined
}

function onText(name: string, change: (value: string) => Result<string, string>): BlockFunction {
  return (node, _context) => {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') return err(onlyStrings(name))
    const changed = change(node.value)
    return changed.ok ? ok(textScalar(changed.value, node.span)) : err(functionFailed(name, changed.error))
  }
}

function onlyStrings(name: string): Finding {
  return functionFailed(name, `invalid input type: ${name} can only be used with string inputs`)
}

/** Counts characters, as Ruby does. */
function truncate(offset: number, length: number): BlockFunction {
  return onText('truncate', (value) =>
    ok(
      Array.from(value)
        .slice(offset, offset + length)
        .join(''),
    ),
  )
}

function split(separator: string): BlockFunction {
  return (node) => {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') return err(onlyStrings('split'))
    if (separator === '') return err(functionFailed('split', 'invalid argument: separator cannot be empty'))
    const words = node.value.split(separator).map((word) => word.trim())
    const items = words.filter((word) => word !== '').map((word) => textScalar(word, node.span))
    return ok({ kind: 'sequence', items, span: node.span })
  }
}

/** Once, and what is not defined stays as it is written; a masked value would end up in the stored configuration. */
const expandVars: BlockFunction = (node, { variables }) => {
  let masked = false
  const expanded = onText('expand_vars', (value) =>
    ok(
      expandExisting(value, (name) => {
        const variable = variables.get(name)
        masked ||= variable?.masked === true
        return variable?.value
      }),
    ),
  )(node, { variables })
  return masked
    ? err(functionFailed('expand_vars', 'variable expansion error: masked variables cannot be expanded'))
    : expanded
}
