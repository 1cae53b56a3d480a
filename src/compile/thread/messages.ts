import type { FoundFile, IncludeRequest, ProjectAt, Refusal } from '../../ci/include/port.ts'
import type { JobPlan, JobVerdict } from '../../model/plan.ts'
import type { Variable } from '../../model/variable.ts'
import type { LintOptions, LintResult } from '../lint.ts'
import type { DocumentOutcome, PlanTask } from '../plan-document.ts'

// What the two sides of a compile thread say to each other: plain data only.

/** A `ProjectAt` as the thread knows it: the number stands for the object, which stays with the repository. */
export interface ProjectHandle extends ProjectAt {
  readonly handle: number
}

export type Work =
  | { readonly kind: 'plan'; readonly task: PlanTask }
  | { readonly kind: 'lint'; readonly task: PlanTask; readonly options: LintOptions }

/** Of the port that stays behind: what it knows without being asked. */
export interface PortFacts {
  readonly root: ProjectHandle | null
  readonly anonymous: boolean
}

/** One call of the port; a `ProjectAt` in it is a handle. */
export type Question =
  | { readonly method: 'read'; readonly wanted: IncludeRequest }
  | { readonly method: 'paths'; readonly at: ProjectHandle }
  | {
      readonly method: 'project'
      readonly name: string
      readonly ref: string | null
      readonly anonymous: boolean
    }
  | { readonly method: 'changedPaths' }
  | { readonly method: 'variables' }
  | { readonly method: 'comparedPaths'; readonly ref: string }

export interface Answers {
  readonly read: FoundFile | Refusal
  readonly paths: readonly string[]
  readonly project: ProjectHandle | Refusal
  readonly changedPaths: readonly string[] | null
  readonly comparedPaths: readonly string[] | null
  readonly variables: readonly Variable[]
}

export type Said<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string }

export type ToThread =
  | { readonly kind: 'work'; readonly work: Work; readonly port: PortFacts }
  | { readonly kind: 'answer'; readonly call: number; readonly said: Said<Answers[keyof Answers]> }
  /** The part was taken, send the next. */
  | { readonly kind: 'more' }

export type FromThread =
  | { readonly kind: 'ask'; readonly call: number; readonly question: Question }
  /** A piece of the plan's jobs: whole, it would hold up whoever takes it. */
  | { readonly kind: 'part'; readonly jobs: readonly JobPlan[]; readonly excluded: readonly JobVerdict[] }
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'threw'; readonly message: string; readonly stack: string }

/** What comes of a piece of work. The document itself stays in the thread. */
export type Result =
  | { readonly kind: 'plan'; readonly outcome: DocumentOutcome<true> }
  | { readonly kind: 'lint'; readonly linted: LintResult }
