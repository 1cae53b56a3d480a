import type { TraceStep } from '../../model/plan.ts'
import type { Span } from '../../shared/diagnostic.ts'
import type { ChangesConfig, RuleConfig } from '../config.ts'
import { evaluate } from '../expression/evaluate.ts'
import { decideChanges } from './changes.ts'
import { type Decision, type PathAnswer, type Planning, stepAt } from './context.ts'
import { decideExists } from './exists.ts'
import type { Scope } from './scope.ts'

export interface RulesDecision extends Decision {
  /** The first rule whose clauses are all true. */
  readonly rule: RuleConfig | null
  /** Why a clause could not be decided (GitLab: `Failed to parse rule for …`). */
  readonly error: string | null
  /** How to supply what was missing, in one line. */
  readonly help: string | null
}

/**
 * GitLab: the first rule of which every clause is true wins; without one, and with `when: never`, the job or
 * pipeline is left out.
 */
export function decideRules(
  rules: readonly RuleConfig[],
  label: string,
  scope: Scope,
  planning: Planning,
): RulesDecision {
  const steps: TraceStep[] = []
  for (const [index, rule] of rules.entries()) {
    const outcome = tryRule(rule, `${label} ${index + 1}`, scope, planning, steps)
    if (typeof outcome === 'object')
      return {
        in: false,
        because: outcome.error,
        steps,
        rule: null,
        error: outcome.error,
        help: outcome.help ?? null,
      }
    if (outcome) return matchedBy(rule, steps)
  }
  return { in: false, because: noneMatched(steps, label), steps, rule: null, error: null, help: null }
}

/** Looks at the clauses until one is false; each that was looked at is a step. */
function tryRule(
  rule: RuleConfig,
  label: string,
  scope: Scope,
  planning: Planning,
  steps: TraceStep[],
): boolean | { readonly error: string; readonly help?: string | null } {
  const { if: condition, changes, exists } = rule
  const add = (span: Span, clause: string, { matched, detail }: PathAnswer): boolean => {
    steps.push(stepAt(planning, span, { label, matched, clause, detail }))
    return matched
  }
  if (condition !== null) {
    const { text, expression } = condition.value
    const { truthy, detail } = evaluate(expression, scope)
    if (!add(condition.span, `if: ${text}`, { matched: truthy, detail })) return false
  }
  if (changes !== null) {
    const answer = decideChanges(changes, scope, planning)
    if ('error' in answer) return answer
    if (!add(changes.span, `changes: ${shown(changes)}`, answer)) return false
  }
  if (exists !== null) {
    const answer = decideExists(exists, scope, planning)
    if ('error' in answer) return answer
    if (!add(exists.span, `exists: ${exists.regexp ?? exists.paths.join(', ')}`, answer)) return false
  }
  if (condition === null && changes === null && exists === null) {
    const detail = 'a rule without conditions is always true'
    add(rule.span, `when: ${rule.when ?? 'on_success'}`, { matched: true, detail })
  }
  return true
}

function shown(changes: ChangesConfig): string {
  const what = changes.regexp ?? changes.paths.join(', ')
  return changes.compareTo === null ? what : `${what} (compared to ${changes.compareTo})`
}

function matchedBy(rule: RuleConfig, steps: readonly TraceStep[]): RulesDecision {
  const last = steps.at(-1)
  const out = rule.when === 'never'
  const verb = out ? 'matched and says when: never' : 'matched'
  return {
    in: !out,
    because: `${last?.label ?? 'rule'} ${verb}: ${phrase(last)}`,
    steps,
    rule,
    error: null,
    help: null,
  }
}

function noneMatched(steps: readonly TraceStep[], label: string): string {
  const [first] = steps
  if (first === undefined) return `no ${label} matched: there are none`
  if (steps.length === 1) return `${first.label} did not match: ${phrase(first)}`
  return `no ${label} matched; the last was ${phrase(steps.at(-1))}`
}

function phrase(step: TraceStep | undefined): string {
  return step === undefined ? '' : step.detail === '' ? step.clause : `${step.clause} — ${step.detail}`
}
