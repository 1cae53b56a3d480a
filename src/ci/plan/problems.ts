import type { Span } from '../../shared/diagnostic.ts'
import { diagnosticAt } from '../report.ts'
import type { Finding } from '../texts.ts'
import type { Planning } from './context.ts'

/** Records what makes the pipeline fail although the document is valid. */
export function addFinding(
  { config, problems }: Planning,
  span: Span,
  finding: Finding,
  help?: string,
): void {
  problems.push(diagnosticAt(config.sources, span, finding, help))
}
