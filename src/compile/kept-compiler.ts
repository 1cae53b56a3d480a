import type { TextStore } from '../platform/text-store.ts'
import { compilePipeline, compileWith, type CompileRequest } from './compile.ts'
import type { PipelineCompiler } from './compiler.ts'
import { keptAnswer, type Answer } from './kept-answers.ts'
import { openTask } from './open-task.ts'
import { planDocument, type DocumentOutcome } from './plan-document.ts'

/**
 * Takes the plan of a large CI file from the store, when nothing that it was made from has changed. `build` tells builds of
 * Sluice apart.
 */
export function keptCompiler(store: TextStore, build: string): PipelineCompiler {
  return {
    compile: (request) => {
      // A child pipeline's file may come out of artifacts, which nobody watches.
      if (request.childIncludes || request.upstream) return compilePipeline(request)
      return compileWith(request, async () =>
        outcomeOf(await keptAnswer(store, { about: ['run', build], request }, plannedFor)),
      )
    },
  }
}

type Outcome = DocumentOutcome<unknown>
type Planned = Extract<Outcome, { kind: 'plan' }>

/** As JSON holds it. */
type KeptOutcome = Exclude<Outcome, Planned> | KeptPlan
interface KeptPlan extends Omit<Planned, 'sources' | 'config'> {
  readonly files: readonly (readonly [string, string])[]
}

/** Only a plan is kept: a refusal is found early. */
async function plannedFor(request: CompileRequest): Promise<Answer<KeptOutcome>> {
  const opened = await openTask(request)
  if (opened === undefined) throw new Error(`Bug: ${request.configPath} was read and is gone`)
  try {
    const outcome = await planDocument(opened.task, opened.port)
    if (outcome.kind !== 'plan') return { value: outcome, sources: null }
    const { plan, warnings, sources } = outcome
    return { value: { kind: 'plan', plan, warnings, files: [...sources] }, sources }
  } finally {
    opened.close()
  }
}

function outcomeOf(kept: KeptOutcome): Outcome {
  if (kept.kind !== 'plan') return kept
  const { files, ...planned } = kept
  return { ...planned, sources: new Map(files), config: true }
}
