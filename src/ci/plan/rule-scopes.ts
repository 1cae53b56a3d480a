import type { Config, JobConfig, RuleConfig } from '../config.ts'
import { stageOf } from '../config/graph.ts'
import { jobFactVariables } from '../variables/predefined-job.ts'
import { type PlanFacts, startPlanning } from './context.ts'
import { environmentScope } from './environment.ts'
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
  const ofWorkflow = config.workflow.rules ?? []
  const plain = rootVariables(config.variables, [])
  for (const rule of ofWorkflow) if (wanted(rule)) visit(rule, scopes.of(plain, []))
  const jobs = [...config.jobs.values()].filter(({ keywords }) => keywords.rules?.some(wanted))
  if (jobs.length === 0) return
  // Which rule of the workflow will match is not known yet: each may give the variables that a job's rule names.
  const roots = [
    plain,
    ...ofWorkflow
      .filter(({ variables }) => variables.length > 0)
      .map(({ variables }) => rootVariables(config.variables, variables)),
  ]
  for (const root of roots) for (const job of jobs) visitJob(job, root)

  function visitJob(job: JobConfig, root: ReturnType<typeof rootVariables>): void {
    const rules = (job.keywords.rules ?? []).filter(wanted)
    for (const instance of job.instances ?? [null]) {
      const predefined = jobFactVariables({
        name: instance?.name ?? job.name,
        stage: stageOf(job),
        parallel: instance,
        image: null,
        manual: false,
        environment: null,
      })
      const yaml = jobYamlVariables(job, instance, root)
      const environment = environmentScope(job.keywords.environment?.value, facts.scoped, () =>
        scopes.of(yaml, predefined),
      )
      const scope = scopes.of(yaml, [...predefined, ...environment.predefined], environment.scoped)
      for (const rule of rules) visit(rule, scope)
    }
  }
}
