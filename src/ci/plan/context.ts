import type { Diagnostic, Span } from '../../shared/diagnostic.ts'
import { locate } from '../../shared/source-text.ts'
import type { PipelineSource } from '../../model/source.ts'
import type { JobVerdict, TraceStep } from '../../model/plan.ts'
import { DEFAULT_LANGUAGE_LIMITS, type LanguageLimits } from '../../model/language-limits.ts'
import type { Variable } from '../../model/variable.ts'
import type { Config } from '../config.ts'
import type { Pattern } from '../expression/pattern.ts'
import type { ScopedVariables } from './environment.ts'
import type { ForeignTrees } from './foreign-trees.ts'
import { type Scopes, startScopes } from './scope.ts'

/** What deciding needs to know beside the document. */
export interface PlanFacts {
  readonly source: PipelineSource
  readonly ref: string
  readonly tag: boolean
  readonly projectFullPath: string
  /** Project, commit, pipeline: ranks 2 to 5. */
  readonly predefined: readonly Variable[]
  /** User, project, pipeline and schedule variables, in this order: ranks 7 to 13. */
  readonly above: readonly Variable[]
  /** Null: there is no earlier commit to compare with, and every `changes` is true. */
  readonly changedPaths: readonly string[] | null
  /** All files of the commit; null when no rule asked. */
  readonly treePaths: readonly string[] | null
  /**
   * For `changes:compare_to`: the paths changed since the merge base with a ref; null for a ref that does not
   * exist. A ref that nobody looked up gives no base: `changes` is true.
   */
  readonly compared?: ReadonlyMap<string, readonly string[] | null>
  /** For `exists:project`: the files of other projects. One that nobody looked up is not there. */
  readonly foreign?: ForeignTrees
  /** Absent: no project variable is for single environments. */
  readonly scoped?: ScopedVariables
  /** Absent: GitLab's. */
  readonly limits?: Pick<LanguageLimits, 'needs' | 'pipelineJobs'>
}

/** What one planning shares between its steps. */
export interface Planning {
  readonly config: Config
  readonly facts: PlanFacts
  readonly scopes: Scopes
  /** Hides masked values in what is recorded. */
  readonly conceal: (text: string) => string
  readonly problems: Diagnostic[]
  readonly patterns: Map<string, Pattern | undefined>
  /** Answers of `changes` and `exists`, by what was asked: many jobs ask the same. */
  readonly pathAnswers: Map<string, PathAnswer>
}

/** What deciding about paths needs of it. */
export type PathPlanning = Pick<Planning, 'patterns' | 'pathAnswers'> & {
  readonly facts: Pick<PlanFacts, 'projectFullPath' | 'changedPaths' | 'treePaths' | 'compared' | 'foreign'>
}

export interface PathAnswer {
  readonly matched: boolean
  readonly detail: string
}

/** What was decided about a job or about the pipeline. */
export interface Decision {
  readonly in: boolean
  readonly because: string
  readonly steps: readonly TraceStep[]
}

export function startPlanning(config: Config, facts: PlanFacts): Planning {
  return {
    config,
    facts,
    scopes: startScopes(facts),
    conceal: concealer([...facts.predefined, ...facts.above]),
    problems: [],
    patterns: new Map(),
    pathAnswers: new Map(),
  }
}

export function limitsOf({ facts }: Planning): Pick<LanguageLimits, 'needs' | 'pipelineJobs'> {
  return facts.limits ?? DEFAULT_LANGUAGE_LIMITS
}

/**
 * The trace is stored and shown; a masked value must not stand in it. Short ones are no secrets GitLab would
 * mask.
 */
function concealer(variables: readonly Variable[]): (text: string) => string {
  const secrets = variables.flatMap(({ masked, value }) => (masked && value.length >= 4 ? [value] : []))
  if (secrets.length === 0) return (text) => text
  secrets.sort((a, b) => b.length - a.length)
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '[MASKED]'), text)
}

export function stepAt(planning: Planning, span: Span, step: Omit<TraceStep, 'location'>): TraceStep {
  return { ...step, detail: planning.conceal(step.detail), location: locate(planning.config.sources, span) }
}

export function verdictOf(
  planning: Planning,
  job: { name: string; stage: string; span: Span },
  decision: Decision,
): JobVerdict {
  return {
    job: job.name,
    stage: job.stage,
    in: decision.in,
    because: planning.conceal(decision.because),
    steps: decision.steps,
    location: locate(planning.config.sources, job.span),
  }
}
