import type { PipelinePlan } from '../../model/plan.ts'
import type { Variable } from '../../model/variable.ts'
import type { RuleConfig } from '../config.ts'
import { expandAll } from '../variables/expand.ts'
import type { Planning } from './context.ts'
import { decideRules, type RulesDecision } from './rules.ts'
import { rootVariables } from './variables.ts'

/** `workflow:rules`: undefined when the file has none, and every pipeline runs. */
export function decideWorkflow(planning: Planning): RulesDecision | undefined {
  const { workflow, variables } = planning.config
  if (workflow.rules === null) return undefined
  const scope = planning.scopes.of(rootVariables(variables, []), [])
  return decideRules(workflow.rules, 'workflow rule', scope, planning)
}

/** `workflow:name`, expanded: unknown variables are empty, an empty name is none. */
export function pipelineName(root: readonly Variable[], planning: Planning): string | null {
  const { name } = planning.config.workflow
  if (name === null) return null
  const scope = planning.scopes.of(root, [])
  const expanded = expandAll(name, (key) => scope.get(key)).trim()
  return expanded === '' ? null : expanded
}

/** GitLab's defaults under `workflow:auto_cancel` under that of the rule which matched. */
export function autoCancel(rule: RuleConfig | null, planning: Planning): PipelinePlan['autoCancel'] {
  const { workflow } = planning.config
  return {
    onNewCommit: rule?.autoCancel?.onNewCommit ?? workflow.autoCancel.onNewCommit ?? 'conservative',
    onJobFailure: rule?.autoCancel?.onJobFailure ?? workflow.autoCancel.onJobFailure ?? 'none',
  }
}
