import type { JobVerdict, VariableSource } from '../../model/plan.ts'
import type { VariableOrigin } from '../../model/variable.ts'
import { locate } from '../../shared/source-text.ts'
import type { JobConfig, JobInstance, RuleConfig, VariableConfig } from '../config.ts'
import type { Planning } from './context.ts'

/** Where all jobs get values from: the top level, then the workflow rule that matched. */
export function rootSources(rule: RuleConfig | null, planning: Planning): readonly VariableSource[] {
  return [
    ...sources(planning.config.variables, 'global', planning),
    ...sources(rule?.variables, 'workflow', planning),
  ]
}

/** Where one job gets values from, weakest first; nothing for the many that set none. */
export function jobSources(
  { keywords }: JobConfig,
  instance: JobInstance | null,
  rule: RuleConfig | null,
  planning: Planning,
): Pick<JobVerdict, 'variables'> {
  if (!keywords.variables?.length && !instance?.variables.length && !rule?.variables.length) return {}
  const found = [
    ...sources(keywords.variables, 'job', planning),
    ...sources(instance?.variables, 'matrix', planning),
    ...sources(rule?.variables, 'rules', planning),
  ]
  return { variables: found }
}

function sources(
  variables: readonly VariableConfig[] | undefined,
  origin: VariableOrigin,
  { config, conceal }: Planning,
): VariableSource[] {
  return (variables ?? []).map(({ key, value, raw, span }) => ({
    key,
    value: conceal(value),
    origin,
    location: locate(config.sources, span),
    ...(raw ? { raw } : {}),
  }))
}
