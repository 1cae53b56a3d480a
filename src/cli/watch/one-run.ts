import type { App } from '../../app.ts'
import type { CreatePipelineCommand } from '../../model/command.ts'
import { isCompleted } from '../../model/status.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { Failure } from '../failure.ts'
import { createdPipeline } from '../run.ts'
import { RUN_LIMITS } from '../run-limits.ts'
import type { RunReporter } from '../run-reporter.ts'

/** A pipeline that a watch has started. */
export interface OneRun {
  readonly pipelineId: number
  /** Resolves when it has ended and all is told. */
  readonly done: Promise<void>
  /** Ends it early; what it has left to say is not said unless a reader counts on it. */
  cancel(say: 'end' | 'nothing'): Promise<void>
}

/** Starts the pipeline and tells of it until it ends. */
export async function startRun(
  app: App,
  command: CreatePipelineCommand,
  reporter: RunReporter,
): Promise<Result<OneRun, Failure>> {
  const created = createdPipeline({ reporter }, await app.engine.create(command))
  if (!created.ok) return created
  const pipelineId = created.value
  const stops: (() => void)[] = []
  let quiet = false
  reporter.created(listeningThrough(app, stops), pipelineId)

  async function end(): Promise<void> {
    const pipeline = await app.engine.settled(pipelineId)
    if (!quiet) await reporter.finished(app, pipeline)
    if (!quiet && !isCompleted(pipeline.status))
      reporter.notice('the rest waits for a person: p + enter picks a job')
    for (const stop of stops) stop()
    await app.prune(RUN_LIMITS)
  }

  const done = end()
  return ok({
    pipelineId,
    done,
    cancel(say) {
      quiet = say === 'nothing'
      app.engine.cancel(pipelineId)
      return done
    },
  })
}

/** A reporter of one run listens for good: here it stops with its run. */
function listeningThrough(app: App, stops: (() => void)[]): App {
  const { events } = app.engine
  const on: typeof events.on = (listener) => {
    const stop = events.on(listener)
    stops.push(stop)
    return stop
  }
  return { ...app, engine: { ...app.engine, events: { ...events, on } } }
}
