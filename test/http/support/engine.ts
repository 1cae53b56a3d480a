import type { CreatePipelineCommand, CreatePipelineResult, Refusal } from '../../../src/model/command.ts'
import type { PipelineEvent } from '../../../src/model/events.ts'
import type { TriggerRequest } from '../../../src/model/provenance.ts'
import { DEFAULT_LIMITS } from '../../../src/model/limits.ts'
import { makeAccessTokens } from '../../../src/pipeline/registry/access-tokens.ts'
import { makeDeliveries } from '../../../src/pipeline/registry/deliveries.ts'
import { makeTriggers } from '../../../src/pipeline/registry/triggers.ts'
import { makeUsers } from '../../../src/pipeline/registry/users.ts'
import type { PreviewResult } from '../../../src/pipeline/preview.ts'
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
  announce(event: PipelineEvent): void
  /** Instead of making a pipeline. */
  answer: ((command: CreatePipelineCommand) => CreatePipelineResult) | undefined
  previewed: ((command: CreatePipelineCommand) => PreviewResult) | undefined
}

export function fakeEngine(store: Store, clock: { now(): number }): FakeEngine {
  const unused = (): never => {
    throw new Error('not part of this test')
  }
  const context = {
    store,
    clock: { now: () => clock.now(), monotonic: () => 0, after: () => () => {} },
    limits: DEFAULT_LIMITS,
    notice: () => {},
  }
  const listeners = new Set<(event: PipelineEvent) => void>()
  const engine: FakeEngine = {
    previewed: undefined,
    preview: (command) => Promise.resolve().then(() => engine.previewed?.(command) ?? unused()),
    triggers: makeTriggers(context),
    users: makeUsers(context),
    accessTokens: makeAccessTokens(context),
    deliveries: makeDeliveries(context),
    announce: (event) => {
      for (const listener of listeners) listener(event)
    },
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
        store.triggerRequests.add(command.request, { pipelineId, status: 201, reason: null, ms: 3 })
      return Promise.resolve({ kind: 'created', pipelineId, warnings: [], sources: new Map() })
    },
    recordRefusal(request, answer) {
      const { call: _call, ...kept } = request
      engine.refusals.push({ request: kept, answer })
      engine.deliveries.record(request, { ...answer, pipelineId: null })
    },
    provenance: (pipelineId, mayRead) => provenanceOf(store, pipelineId, mayRead),
    cancel: unused,
    get pushes(): never {
      return unused()
    },
    get schedules(): never {
      return unused()
    },
    get verbs(): never {
      return unused()
    },
    get resourceGroups(): never {
      return unused()
    },
    get environments(): never {
      return unused()
    },
    get reports(): never {
      return unused()
    },
    get pipelineMetadata(): never {
      return unused()
    },
    get projectVariables(): never {
      return unused()
    },
    get projectArtifacts(): never {
      return unused()
    },
    get commitStatuses(): never {
      return unused()
    },
    settled: unused,
    prune: unused,
    recover: unused,
    stop: unused,
    get coordinator(): never {
      return unused()
    },
    events: {
      on(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
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
