import type { JobVerdict, TraceStep, VariableSource } from '../model/plan.ts'
import type { ProjectVariable, Variable } from '../model/variable.ts'
import { lazily, type Database } from './database.ts'
import type { Seal } from './seal.ts'

/** Why each job is in or out, as decided when the pipeline was created. */
export interface PipelineTrace {
  readonly workflow: readonly TraceStep[]
  /** Where the CI file gave variables their values for all jobs; absent in what earlier versions stored. */
  readonly variables?: readonly VariableSource[]
  readonly jobs: readonly JobVerdict[]
}

/** The variables that a pipeline started with; later changes of settings do not reach it. */
export interface PipelineVariables {
  readonly predefined: readonly Variable[]
  readonly user: readonly Variable[]
  readonly project: readonly Variable[]
  /** With their scopes, all that the ref may see; absent: none is for single environments. */
  readonly scoped?: readonly ProjectVariable[]
}

export function configsTable(database: Database, seal: Seal) {
  const insert = lazily(() =>
    database.prepare<[number, string, Buffer]>(
      'insert into configs (pipeline_id, trace, variables_sealed) values (?, ?, ?)',
    ),
  )
  const trace = lazily(() =>
    database.prepare<[number], { trace: string }>('select trace from configs where pipeline_id = ?'),
  )
  const variables = lazily(() =>
    database.prepare<[number], { variables_sealed: Buffer }>(
      'select variables_sealed from configs where pipeline_id = ?',
    ),
  )
  let last: { readonly pipelineId: number; readonly variables: PipelineVariables } | undefined

  return {
    add: (pipelineId: number, made: PipelineTrace, with_: PipelineVariables): void =>
      void insert().run(pipelineId, JSON.stringify(made), seal.seal(JSON.stringify(with_))),
    traceOf(pipelineId: number): PipelineTrace | undefined {
      const row = trace().get(pipelineId)
      return row && (JSON.parse(row.trace) as PipelineTrace)
    },
    /** They never change; those of the last pipeline asked for are kept, since its jobs start one after the other. */
    variablesOf(pipelineId: number): PipelineVariables | undefined {
      if (last?.pipelineId === pipelineId) return last.variables
      const row = variables().get(pipelineId)
      if (!row) return undefined
      const opened = JSON.parse(seal.open(row.variables_sealed)) as PipelineVariables
      last = { pipelineId, variables: opened }
      return opened
    },
  }
}
