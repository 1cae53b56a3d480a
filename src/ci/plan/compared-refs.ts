import type { Config } from '../config.ts'
import { stageOf } from '../config/graph.ts'
import { expandExisting } from '../variables/expand.ts'
import { jobFactVariables } from '../variables/predefined-job.ts'
import { type PlanFacts, startPlanning } from './context.ts'
import { jobYamlVariables, rootVariables } from './variables.ts'

/**
 * Every ref that a `changes:compare_to` names, variables expanded: whoever plans must know what changed since
 * it.
 */
export function comparedRefs(config: Config, facts: PlanFacts): string[] {
  const { scopes } = startPlanning(config, facts)
  const root = rootVariables(config.variables, [])
  const refs = new Set<string>()
  const add = (text: string, scope: ReadonlyMap<string, string>): void =>
    void refs.add(expandExisting(text, (name) => scope.get(name)))
  for (const { changes } of config.workflow.rules ?? []) {
    if (changes?.compareTo) add(changes.compareTo, scopes.of(root, []))
  }
  for (const job of config.jobs.values()) {
    const texts = (job.keywords.rules ?? []).flatMap(({ changes }) =>
      changes?.compareTo ? [changes.compareTo] : [],
    )
    if (texts.length === 0) continue
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
      for (const text of texts) add(text, scope)
    }
  }
  return [...refs]
}
