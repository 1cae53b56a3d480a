import type { EnvironmentFacts } from '../../ci/variables/predefined-environment.ts'
import type { CompileRequest } from '../../compile/compile.ts'
import type { JobPlan, JobVerdict, TraceStep, VariableSource } from '../../model/plan.ts'
import type { Variable } from '../../model/variable.ts'
import type { Archive } from '../archive.ts'

/** What is known of a pipeline, whether it was made long ago or is only asked about. */
export interface Explained {
  readonly source: string
  readonly ref: string
  readonly sha: string
  readonly workflow: readonly TraceStep[]
  /** Every job of the file. */
  readonly verdicts: readonly JobVerdict[]
  /** Why there is no pipeline, in GitLab's words. */
  readonly message: string | null
  readonly variables: ExplainedVariables
  readonly origin: LivePipeline | StoredPipeline
}

/** Who gives variables their values, in order of rising precedence (the jobs' own between `global` and `user`). */
export interface ExplainedVariables {
  readonly predefined: readonly Variable[]
  readonly global: readonly VariableSource[]
  readonly user: readonly Variable[]
  readonly project: readonly Variable[]
  readonly pipeline: readonly Variable[]
  /** The YAML variables that a job ends up with; undefined for a job that is not in the pipeline. */
  ofJob(name: string): readonly Variable[] | undefined
  /** The environment of a job that has one. */
  environmentOf(name: string): EnvironmentFacts | null
  /** What else is known of a variable from outside the file: its scope, the trigger. */
  note(variable: Variable): string | null
}

/** Asked about now, with the files as they are. */
export interface LivePipeline {
  readonly kind: 'live'
  readonly request: CompileRequest
  readonly jobs: readonly JobPlan[]
}

/** Made earlier; the answer is the one of that time. */
export interface StoredPipeline {
  readonly kind: 'stored'
  readonly pipelineId: number
  readonly archive: Archive
}
