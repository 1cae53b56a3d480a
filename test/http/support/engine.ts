import type { CreatePipelineCommand, CreatePipelineResult, Refusal } from '../../../src/model/command.ts'
import type { TriggerRequest } from '../../../src/model/provenance.ts'
import type { Engine } from '../../../src/pipeline/engine.ts'
import { provenanceOf } from '../../../src/pipeline/provenance.ts'
import type { Store } from '../../../src/store/store.ts'
import { addPipeline } from './rows.ts'

export interface RecordedRefusal {
  readonly request: TriggerRequest
  readonly answer: { readonly status: number; readonly reason: string }
}

/** An engine that writes a pipeline's row and nothing else, and keeps what it was asked. */
export interface FakeEngine extends Engine {
  readonly commands: CreatePipelineCommand[]
  readonly refusals: RecordedRefusal[]
  /** Instead of making a pipeline. */
  answer: ((command: CreatePipelineCommand) => CreatePipelineResult) | undefined
}

export function fakeEngine(store: Store, clock: { now(): number }): FakeEngine {
  const unused = (): never => {
    throw new Error('not part of this test')
  }
  const engine: FakeEngine = {
    commands: [],
    refusals: [],
    answer: undefined,
    create(command) {
      engine.commands.push(command)
      if (engine.answer) return Promise.resolve().then(() => engine.answer?.(command) ?? unused())
      const ref = command.checkout.ref.replace(/^refs\/(heads|tags)\//, '')
      const pipelineId = addPipeline(store, {
        projectId: command.projectId,
        ref,
        source: command.source,
        userId: command.userId,
        triggerId: command.triggerId,
        createdAt: clock.now(),
      })
      store.pipelineVariables.add(pipelineId, command.variables)
      if (command.request)
        store.triggerRequests.add({ ...command.request, pipelineId, status: 201, reason: null })
      return Promise.resolve({ kind: 'created', pipelineId, warnings: [], sources: new Map() })
    },
    recordRefusal: (request, answer) => void engine.refusals.push({ request, answer }),
    provenance: (pipelineId) => provenanceOf(store, pipelineId),
    cancel: unused,
    settled: unused,
    prune: unused,
    recover: unused,
    stop: unused,
    get coordinator(): never {
      return unused()
    },
    events: { on: () => () => {} },
  }
  return engine
}

export function refusal(
  reason: Refusal['reason'],
  message: string,
  detail: string | null = null,
): CreatePipelineResult {
  return { kind: 'refused', refusal: { reason, message, detail, diagnostics: [], sources: new Map() } }
}
