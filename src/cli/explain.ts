import { err, ok, type Result } from '../shared/result.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import type { Explained } from './explain/explained.ts'
import { explainJob, jobRecord, jobText } from './explain/job.ts'
import { explainLive } from './explain/live.ts'
import { pipelineRecord, pipelineText } from './explain/pipeline.ts'
import { explainVariable, variableRecord, variableText } from './explain/variable.ts'
import { renderFailure, usageFailure, type Failure } from './failure.ts'
import { SCHEMA } from './run-record.ts'
import { readSituation } from './situation.ts'
import type { SituationFlags } from './situation-flags.ts'
import { terminalText } from './terminal-text.ts'

export interface ExplainFlags extends SituationFlags {
  readonly job?: string
  readonly pipeline?: number
  readonly config?: string
  readonly json: boolean
}

export interface Question {
  readonly what: 'job' | 'var' | 'pipeline'
  readonly name: string | undefined
}

interface Answer {
  readonly text: string
  readonly record: object
}

/** `sluice explain`: what decided, with the values that were compared and where they were written. */
export async function explainCommand(
  question: Question,
  flags: ExplainFlags,
  context: CommandContext,
): Promise<number> {
  const answer = await withPipeline(question, flags, context)
  if (!answer.ok) {
    context.err(renderFailure(answer.error))
    return answer.error.exitCode
  }
  const { text, record } = answer.value
  context.out(
    flags.json ? `${JSON.stringify({ schema: SCHEMA, ...record }, null, 2)}\n` : terminalText(text, false),
  )
  return EXIT.success
}

async function withPipeline(
  question: Question,
  flags: ExplainFlags,
  context: CommandContext,
): Promise<Result<Answer, Failure>> {
  const { what, name } = question
  if (what !== 'pipeline' && name === undefined) {
    const example =
      what === 'job' ? 'sluice explain job deploy' : 'sluice explain var DEPLOY_ENV --job deploy'
    return err(usageFailure('usage', `explain ${what} needs a name`, `for example: ${example}`))
  }
  if (flags.pipeline !== undefined) return ofStored(question, flags.pipeline, flags, context)
  const situation = await readSituation(flags, context)
  if (!situation.ok) return situation
  try {
    const pipeline = await explainLive(situation.value.request)
    return pipeline.ok ? await answerTo(question, pipeline.value, flags) : pipeline
  } finally {
    situation.value.close()
  }
}

async function ofStored(
  question: Question,
  id: number,
  flags: ExplainFlags,
  context: CommandContext,
): Promise<Result<Answer, Failure>> {
  // The database is loaded for this alone.
  const { readStored } = await import('./explain/stored.ts')
  const pipeline = await readStored(id, flags, context)
  return pipeline.ok ? answerTo(question, pipeline.value, flags) : pipeline
}

async function answerTo(
  { what, name = '' }: Question,
  pipeline: Explained,
  flags: ExplainFlags,
): Promise<Result<Answer, Failure>> {
  switch (what) {
    case 'job': {
      const job = await explainJob(name, pipeline)
      return job.ok ? ok({ text: jobText(job.value), record: jobRecord(job.value) }) : job
    }
    case 'var': {
      const found = explainVariable(name, flags.job, pipeline)
      return found.ok ? ok({ text: variableText(found.value), record: variableRecord(found.value) }) : found
    }
    case 'pipeline':
      return ok({ text: pipelineText(pipeline), record: pipelineRecord(pipeline) })
  }
}
