import type { App } from '../app.ts'
import type { Pipeline } from '../model/pipeline.ts'
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import type { Failure } from './failure.ts'

/** Who tells the world what `sluice run` does: a terminal's lines, or JSON. */
export interface RunReporter {
  /** Something that a person should know and that changes nothing. */
  notice(text: string): void
  warnings(warnings: readonly Diagnostic[], sources: Sources): void
  /** No pipeline came to be. */
  failed(failure: Failure): void
  /** The pipeline exists and has not begun; from here on the reporter listens to its events. */
  created(app: App, pipelineId: number): void
  /** Nothing more will happen; resolves when all is written. */
  finished(app: App, pipeline: Pipeline): Promise<void>
}
