import type { Diagnostic } from '../shared/diagnostic.ts'
import type { ChildReport, JobReport, PipelineReport } from './run-report.ts'

/** Raised when a key changes its meaning or goes away. */
export const SCHEMA = 1

/** The last line of `sluice run --json`, whatever happened: the same keys in the same order. */
export function finishedRecord(parts: {
  readonly pipeline?: PipelineReport
  readonly jobs?: readonly JobReport[]
  readonly children?: readonly ChildReport[]
  readonly errors?: readonly Diagnostic[]
}): Readonly<Record<string, unknown>> {
  const { pipeline = null, jobs = [], children = [], errors = [] } = parts
  return {
    type: 'pipeline.finished',
    schema: SCHEMA,
    pipeline,
    jobs,
    children,
    errors: errors.map(errorRecord),
  }
}

function errorRecord({ message, location, code }: Diagnostic): Readonly<Record<string, unknown>> {
  return {
    message,
    file: location?.file ?? null,
    line: location?.line ?? null,
    column: location?.column ?? null,
    code,
  }
}
