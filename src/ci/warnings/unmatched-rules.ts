import type { Diagnostic } from '../../shared/diagnostic.ts'
import type { Config, RuleConfig } from '../config.ts'
import { printExpression } from '../expression/print.ts'
import { contradiction } from './conjunction.ts'
import { ruleLists, warningAt, type LintedFile, type RuleList } from './warning.ts'

const CODE = 'rules.never_match'

/** Rules that can never decide anything: false whatever happens, or behind one that is always taken first. */
export function unmatchedRules({ config }: LintedFile): Diagnostic[] {
  return ruleLists(config).flatMap((list) => {
    const found = list.rules.flatMap((rule, index) => warningOf(rule, index, list, config) ?? [])
    return found.length === 0 ? neverRuns(list, config) : found
  })
}

function warningOf(
  rule: RuleConfig,
  index: number,
  { owner, rules }: RuleList,
  { sources }: Config,
): Diagnostic | undefined {
  const earlier = rules.slice(0, index).findIndex((other) => takesAll(other) || isSameAs(other, rule))
  const span = rule.if?.span ?? rule.span
  const message = `${owner}: rule ${index + 1} can never match`
  if (earlier !== -1) {
    const before = rules[earlier]
    const why = before !== undefined && takesAll(before) ? 'has no conditions' : 'has the same condition'
    return warningAt(sources, rule.span, {
      code: CODE,
      message,
      help: `rule ${earlier + 1} stands before it and ${why}`,
    })
  }
  const reason = rule.if === null ? undefined : contradiction(rule.if.value.expression)
  return reason === undefined ? undefined : warningAt(sources, span, { code: CODE, message, help: reason })
}

function takesAll(rule: RuleConfig): boolean {
  return rule.if === null && rule.changes === null && rule.exists === null
}

/** The earlier rule is an `if` alone, and the later one asks the same and perhaps more. */
function isSameAs(earlier: RuleConfig, later: RuleConfig): boolean {
  if (earlier.if === null || later.if === null || earlier.changes !== null || earlier.exists !== null)
    return false
  return printExpression(earlier.if.value.expression) === printExpression(later.if.value.expression)
}

/** `rules: []`, and lists in which every rule says `when: never`. */
function neverRuns({ owner, rules, span }: RuleList, { sources }: Config): Diagnostic[] {
  if (rules.some((rule) => rule.when !== 'never')) return []
  const place = rules[0]?.span ?? span
  if (place === null) return []
  const message =
    owner === 'workflow' ? 'workflow: no pipeline can ever be made' : `${owner}: can never be in a pipeline`
  const help = rules.length === 0 ? 'its list of rules is empty' : 'every rule says `when: never`'
  return [warningAt(sources, place, { code: 'rules.never_run', message, help })]
}
