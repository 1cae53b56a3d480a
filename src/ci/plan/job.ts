import type { JobPlan, JobVerdict, When } from '../../model/plan.ts'
import type { Variable } from '../../model/variable.ts'
import type { JobConfig, JobInstance, JobKeywords, NeedConfig, RuleConfig } from '../config.ts'
import { stageOf } from '../config/graph.ts'
import { addFinding } from './problems.ts'
import { ruleFailed } from '../texts.ts'
import { expandAll, expandExisting } from '../variables/expand.ts'
import { jobFactVariables } from '../variables/predefined-job.ts'
import { type Decision, type Planning, verdictOf } from './context.ts'
import { environmentScope, environmentTarget } from './environment.ts'
import { optionsOf } from './options.ts'
import { decidePolicies } from './only-except.ts'
import { decideRules } from './rules.ts'
import type { Scope } from './scope.ts'
import { jobSources } from './variable-sources.ts'
import { jobYamlVariables, withRuleVariables } from './variables.ts'

/** A job that is in the pipeline, with the needs as written: they are resolved when all jobs are known. */
export interface Candidate {
  readonly plan: Omit<JobPlan, 'needs'>
  readonly needs: readonly NeedConfig[]
  readonly config: JobConfig
  readonly instance: JobInstance | null
}

/** Decides about one job, or one instance of a parallel job. */
export function decideJob(
  config: JobConfig,
  instance: JobInstance | null,
  root: readonly Variable[],
  planning: Planning,
): Candidate | JobVerdict {
  const { keywords } = config
  const name = instance?.name ?? config.name
  const stage = stageOf(config)
  const yaml = jobYamlVariables(config, instance, root)
  const image = keywords.image ?? null
  const parallel = instance && { index: instance.index, total: instance.total }
  const environment = keywords.environment?.value
  const facts = (): Variable[] =>
    jobFactVariables({ name, stage, parallel, image, manual: false, environment: null })
  const bare = (variables: readonly Variable[]) => (): Scope => planning.scopes.of(variables, facts())
  const { predefined, scoped } = environmentScope(environment, planning.facts.scoped, bare(yaml))
  const scope = (): Scope => planning.scopes.of(yaml, [...facts(), ...predefined], scoped)
  const { rule, ...decision } = decide(config, name, scope, planning)
  const verdict = {
    ...verdictOf(planning, { name, stage, span: config.span }, decision),
    ...jobSources(config, instance, rule, planning),
  }
  if (!decision.in) return verdict
  const when = whenOf(rule, keywords)
  const needs = rule?.needs ?? keywords.needs
  const variables = withRuleVariables(yaml, rule)
  return {
    config,
    instance,
    needs: needs?.jobs ?? [],
    plan: {
      name,
      stage,
      stageIndex: planning.config.stages.indexOf(stage),
      when,
      startIn: when === 'delayed' ? (rule?.startIn ?? keywords.start_in ?? null) : null,
      ...allowFailure(rule, keywords),
      scheduling: schedulingOf(config, rule),
      dependencies: keywords.dependencies?.map(({ value }) => value) ?? null,
      tags: expandTags(keywords.tags ?? [], scope),
      interruptible: rule?.interruptible ?? keywords.interruptible ?? false,
      resourceGroup: resourceGroupOf(keywords, scope),
      variables,
      options: optionsOf(config),
      parallel,
      ...(environment ? { environment: environmentTarget(environment, bare(variables)) } : {}),
      verdict,
    },
  }
}

export function isCandidate(outcome: Candidate | JobVerdict): outcome is Candidate {
  return 'plan' in outcome
}

function decide(
  config: JobConfig,
  name: string,
  scope: () => Scope,
  planning: Planning,
): Decision & { readonly rule: RuleConfig | null } {
  const { rules } = config.keywords
  if (rules === undefined)
    return { ...decidePolicies(config.keywords, config.span, scope, planning), rule: null }
  const { error, help, ...decision } = decideRules(rules, 'rule', scope(), planning)
  if (error !== null) addFinding(planning, config.span, ruleFailed(name, error), help ?? undefined)
  return decision
}

function whenOf(rule: RuleConfig | null, keywords: JobKeywords): When {
  const chosen = rule?.when ?? keywords.when ?? 'on_success'
  return chosen === 'never' ? 'on_success' : chosen
}

/**
 * GitLab: the rule's word first, then the job's, and a job that is itself `when: manual` may fail; one made
 * manual by a rule may not. A rule's word also drops the exit codes.
 */
function allowFailure(
  rule: RuleConfig | null,
  keywords: JobKeywords,
): Pick<JobPlan, 'allowFailure' | 'allowFailureExitCodes'> {
  if (rule !== null && rule.allowFailure !== null)
    return { allowFailure: rule.allowFailure, allowFailureExitCodes: [] }
  const { allow_failure: written, when } = keywords
  if (written !== undefined)
    return { allowFailure: written.allowed, allowFailureExitCodes: written.exitCodes }
  return { allowFailure: when === 'manual', allowFailureExitCodes: [] }
}

/** GitLab: a job with `needs`, also with none in them, does not wait for stages; a bridge that mirrors does. */
function schedulingOf({ kind, keywords }: JobConfig, rule: RuleConfig | null): JobPlan['scheduling'] {
  if (rule?.needs?.jobs.length) return 'dag'
  const { needs } = keywords
  if (needs === undefined) return 'stage'
  return kind === 'bridge' && needs.upstream.length > 0 ? 'stage' : 'dag'
}

/** GitLab: variables in the key are replaced, by nothing when they do not exist; an empty key is no group. */
function resourceGroupOf({ resource_group: key }: JobKeywords, scope: () => Scope): string | null {
  if (key === undefined || !/[$%]/.test(key)) return key || null
  const values = scope()
  return expandAll(key, (name) => values.get(name)) || null
}

/** GitLab: `$VAR` in a tag is replaced when the variable exists, and stays otherwise. */
function expandTags(tags: readonly string[], scope: () => Scope): readonly string[] {
  if (!tags.some((tag) => /[$%]/.test(tag))) return tags
  const values = scope()
  return tags.map((tag) => expandExisting(tag, (key) => values.get(key)))
}
