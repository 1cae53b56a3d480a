import type { TraceStep } from '../../model/plan.ts'
import type { Span } from '../../shared/diagnostic.ts'
import type { JobKeywords, PolicyConfig } from '../config.ts'
import { evaluate } from '../expression/evaluate.ts'
import { decideGlobs } from './changes.ts'
import { type Decision, type PathAnswer, type Planning, stepAt } from './context.ts'
import { decideRefs } from './refs.ts'
import type { Scope } from './scope.ts'

/** GitLab's default of `only:refs`. */
const DEFAULT_REFS: readonly string[] = ['branches', 'tags']

interface Policy {
  readonly refs: readonly string[] | null
  readonly written: PolicyConfig | null
  readonly span: Span
}

/**
 * GitLab: in when every sub-key of `only` holds and no sub-key of `except` does; inside a sub-key one item is
 * enough. A job without `only` has branches and tags, unless the file has `workflow:rules`; `only` without
 * `refs` keeps that default.
 */
export function decidePolicies(
  keywords: JobKeywords,
  job: Span,
  scope: () => Scope,
  planning: Planning,
): Decision {
  const { only, except } = keywords
  const steps: TraceStep[] = []
  const byDefault = planning.config.workflow.rules === null
  if (only === undefined && except === undefined && !byDefault) {
    return { in: true, because: 'nothing restricts it: workflow:rules decide for the whole pipeline', steps }
  }
  const wanted: Policy | undefined =
    only === undefined && !byDefault
      ? undefined
      : { refs: only?.refs?.value ?? DEFAULT_REFS, written: only ?? null, span: only?.span ?? job }
  for (const step of wanted === undefined ? [] : stepsOf('only', wanted, scope, planning)) {
    steps.push(step)
    if (!step.matched) return { in: false, because: sentence(step, only === undefined), steps }
  }
  for (const step of except === undefined
    ? []
    : stepsOf(
        'except',
        { refs: except.refs?.value ?? null, written: except, span: except.span },
        scope,
        planning,
      )) {
    steps.push(step)
    if (step.matched) return { in: false, because: sentence(step, false), steps }
  }
  const [decisive = steps.at(-1)] =
    only === undefined && except !== undefined ? steps.filter((step) => step.label === 'except') : steps
  return {
    in: true,
    because: decisive === undefined ? 'nothing restricts it' : sentence(decisive, only === undefined),
    steps,
  }
}

function sentence(step: TraceStep, byDefault: boolean): string {
  const clause = step.clause.replace(/^refs: /, '')
  return `${step.label}${byDefault && step.label === 'only' ? ' (the default)' : ''}: ${clause} — ${step.detail}`
}

/** One step for each sub-key, made only when it is looked at. */
function* stepsOf(
  label: string,
  policy: Policy,
  scope: () => Scope,
  planning: Planning,
): Generator<TraceStep> {
  const { refs, written } = policy
  const step = (span: Span, clause: string, answer: PathAnswer): TraceStep =>
    stepAt(planning, span, { label, matched: answer.matched, clause, detail: answer.detail })
  if (refs !== null)
    yield step(written?.refs?.span ?? policy.span, `refs: ${refs.join(', ')}`, decideRefs(refs, planning))
  if (written === null) return
  const { variables, changes, kubernetes } = written
  if (variables !== null) {
    const values = scope()
    const clause = `variables: ${variables.value.map(({ text }) => text).join(', ')}`
    yield step(
      variables.span,
      clause,
      anyOf(
        variables.value.map(
          ({ expression }) =>
            () =>
              evaluate(expression, values),
        ),
      ),
    )
  }
  if (changes !== null) {
    yield step(
      changes.span,
      `changes: ${changes.value.join(', ')}`,
      decideGlobs(changes.value, scope(), planning),
    )
  }
  if (kubernetes !== null) {
    yield step(kubernetes.span, `kubernetes: ${kubernetes.value}`, {
      matched: false,
      detail: 'there is no deployment platform here',
    })
  }
}

function anyOf(
  conditions: readonly (() => { readonly truthy: boolean; readonly detail: string })[],
): PathAnswer {
  const details: string[] = []
  for (const condition of conditions) {
    const { truthy, detail } = condition()
    if (truthy) return { matched: true, detail }
    details.push(detail)
  }
  return { matched: false, detail: details.join('; ') }
}
