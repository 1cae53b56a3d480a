import { expandAll } from '../ci/variables/expand.ts'
import type { TriggerPlan } from '../model/keyword-plans.ts'
import { variable, type Variable } from '../model/variable.ts'
import type { EngineContext } from './context.ts'
import { type PlacedJob, writtenVariablesOfJob } from './job-variables.ts'

/** What only a job on a runner has. */
const OF_THE_RUN = /^(?:CI_JOB_(?:ID|URL|TOKEN|STARTED_AT)|CI_REPOSITORY_URL|CI_TRIGGER_SHORT_TOKEN)$/

/**
 * What GitLab itself puts in place of `$NAME` in a job's keywords, as written and with duplicates: the last of a name wins. Of what
 * exists only with the rows, the pipeline's: GitLab's `pipeline.persisted_variables`.
 */
export function serverSideVariables(context: EngineContext, placed: PlacedJob): readonly Variable[] {
  return writtenVariablesOfJob(context, placed, null).filter(({ key }) => !OF_THE_RUN.test(key))
}

/** A text with `$NAME`, `${NAME}` and `%NAME%` replaced, by nothing where there is no such variable. */
export function expandFor(text: string, variables: readonly Variable[]): string {
  const values = new Map(variables.map(({ key, value }) => [key, value]))
  return expandAll(text, (name) => values.get(name))
}

/**
 * What a bridge hands to the pipeline it starts: its own variables unless `forward:yaml_variables` is false; the reports of jobs it
 * needs and the variables of its pipeline only with `forward:pipeline_variables`. GitLab: each is expanded once with all that the bridge sees; a raw one goes as it is; a
 * reference to a file variable stays, and the file goes along.
 */
export function forwardedVariables(
  { yamlVariables, pipelineVariables }: TriggerPlan['forward'],
  yaml: readonly Variable[],
  pipeline: readonly Variable[],
  seen: readonly Variable[],
): Variable[] {
  const all = new Map(seen.map((each) => [each.key, each]))
  const handed = [...(yamlVariables ? yaml : []), ...(pipelineVariables ? pipeline : [])].flatMap((each) =>
    each.raw ? [forwarded(each, each.value)] : expandedWithFiles(each, all),
  )
  // Names that steer Sluice itself are refused in a request, and the child reads those of the file again.
  const allowed = handed.filter(({ key }) => !key.startsWith('SLUICE_'))
  return [...new Map(allowed.map((each) => [each.key, each])).values()]
}

function expandedWithFiles(each: Variable, all: ReadonlyMap<string, Variable>): Variable[] {
  const files = new Map<string, Variable>()
  const value = expandAll(each.value, (name) => {
    const found = all.get(name)
    if (!found?.file || name === each.key) return found?.value
    files.set(name, found)
    return `$${name}`
  })
  return [forwarded(each, value), ...Array.from(files.values(), (file) => forwarded(file, file.value))]
}

function forwarded({ key, file, raw }: Variable, value: string): Variable {
  return variable(key, value, 'upstream', { file, raw })
}
