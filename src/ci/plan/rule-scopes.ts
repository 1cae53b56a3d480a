import type { Config, RuleConfig } from '../config.ts'
import { stageOf } from '../config/graph.ts'
import { jobFactVariables } from '../variables/predefined-job.ts'
import { type PlanFacts, startPlanning } from './context.ts'
import type { Scope } from './scope.ts'
import { jobYamlVariables, rootVariables } from './variables.ts'

/**
 * Hands over every rule that is wanted, with the values that its job will see, instance by instance: before anything is planned, whoever
 * plans must find out what such rules ask for.
 */
export function visitRules(
  config: Config,
  facts: PlanFacts,
  wanted: (rule: RuleConfig) => boolean,
  visit: (rule: RuleConfig, scope: Scope) => void,
): void {
  const { scopes } = startPlanning(config, facts)
  const root = rootVariables(config.variables, [])
  for (const rule of config.workflow.rules ?? []) if (wanted(rule)) visit(rule, scopes.of(root, []))
  for (const job of config.jobs.values()) {
    const rules = (job.keywords.rules ?? []).filter(wanted)
    if (rules.length === 0) continue
    for (const instance of job.instances ?? [null]) {
      const predefined = jobFactVariables({
        name: instance?.name ?? job.name,
        stage: stageOf(job),
        parallel: instance,
        image: null,
        manual: false,
        environment: null,
      })
      const scope = scopes.of(jobYamlVariables(job, instance, root), predefined)
      for (const rule of rules) visit(rule, scope)
    }
  }
}
