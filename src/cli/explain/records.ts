import type { TraceStep } from '../../model/plan.ts'
import type { Location } from '../../shared/diagnostic.ts'

export function locationRecord({ file, line, column }: Location) {
  return { file, line, column }
}

export function stepRecord({ label, matched, clause, detail, location }: TraceStep) {
  return { label, matched, clause, detail, ...locationRecord(location) }
}
