import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, write } from 'node:fs'
import { join } from 'node:path'
import type {
  ArtifactsFolder,
  Coordinator,
  JobUpdate,
  StagedReport,
  TraceWriter,
} from '../../../src/model/coordinator.ts'
import { err, ok } from '../../../src/shared/result.ts'
import type { JobPayload } from '../../../src/model/payload.ts'

/** A coordinator in memory whose traces and artifacts are files in a folder. */
export interface FakeCoordinator extends Coordinator {
  enqueue(...payloads: JobPayload[]): void
  /** How a job ended; resolves when it is reported. */
  ended(payload: JobPayload): Promise<Exclude<JobUpdate, { state: 'running' }>>
  /** What was reported when the script began; resolves then. */
  started(payload: JobPayload): Promise<Extract<JobUpdate, { state: 'running' }>>
  trace(payload: JobPayload): string
  traceBytes(payload: JobPayload): Buffer
  /** Resolves when the trace holds the text. */
  prints(payload: JobPayload, text: string): Promise<void>
  cancel(payload: JobPayload, reason?: 'force'): void
  artifacts: Map<
    number,
    ArtifactsFolder & { readonly name: string | null; readonly size: number; readonly files: number }
  >
  /** By job; the staged files stay where they are. */
  reports: Map<number, readonly StagedReport[]>
  /** Why a report is refused; undefined: it is not. */
  refuseReport(report: StagedReport): string | undefined
  /** Called before each piece of a trace is written; may throw. */
  beforeWrite(bytes: Uint8Array): void
}

interface Slot<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

export function fakeCoordinator(folder: string): FakeCoordinator {
  const queue: JobPayload[] = []
  const ends = new Map<string, Slot<Exclude<JobUpdate, { state: 'running' }>>>()
  const starts = new Map<string, Slot<Extract<JobUpdate, { state: 'running' }>>>()
  const cancels = new Map<string, AbortController>()
  const written: (() => void)[] = []
  const tracePath = (token: string) => join(folder, `${token}.log`)
  const cancelOf = (token: string) => slotIn(cancels, token, () => new AbortController())
  const coordinator: FakeCoordinator = {
    artifacts: new Map(),
    reports: new Map(),
    refuseReport: () => undefined,
    beforeWrite: () => {},
    enqueue: (...payloads) => void queue.push(...payloads),
    requestJob: async () => queue.shift(),
    async openTrace(token) {
      return traceWriter(
        tracePath(token),
        (bytes) => coordinator.beforeWrite(bytes),
        () => written.splice(0).forEach((look) => look()),
      )
    },
    async updateJob(token, update) {
      if (update.state === 'running') slotIn(starts, token, emptySlot).resolve(update)
      else slotIn(ends, token, emptySlot).resolve(update)
      return 'accepted'
    },
    async stageArtifacts() {
      mkdirSync(join(folder, 'staged'), { recursive: true })
      return mkdtempSync(join(folder, 'staged', 'a-'))
    },
    async putArtifacts(token, { staged, name, size, files }) {
      const id = Number(token.split('-').at(-1))
      coordinator.artifacts.set(id, { jobId: id, jobName: String(id), path: staged, name, size, files })
    },
    async putReport(token, report) {
      const id = Number(token.split('-').at(-1))
      const refused = coordinator.refuseReport(report)
      if (refused !== undefined) return err(refused)
      coordinator.reports.set(id, [...(coordinator.reports.get(id) ?? []), report])
      return ok(null)
    },
    getArtifacts: async (_, jobId) => coordinator.artifacts.get(jobId),
    cancellation: (token) => cancelOf(token).signal,
    ended: ({ token }) => slotIn(ends, token, emptySlot).promise,
    started: ({ token }) => slotIn(starts, token, emptySlot).promise,
    traceBytes: ({ token }) => readFileSync(tracePath(token)),
    trace: ({ token }) => readFileSync(tracePath(token), 'utf8'),
    async prints(payload, text) {
      while (!traceSoFar(tracePath(payload.token)).includes(text))
        await new Promise<void>((resolve) => written.push(resolve))
    },
    cancel: ({ token }, reason) => cancelOf(token).abort(reason),
  }
  return coordinator
}

function traceWriter(path: string, before: (bytes: Uint8Array) => void, after: () => void): TraceWriter {
  const file = openSync(path, 'w')
  return {
    path,
    async write(bytes) {
      before(bytes)
      await new Promise<void>((resolve, reject) =>
        write(file, bytes, (error) => (error ? reject(error) : resolve())),
      )
      after()
    },
    async close() {
      closeSync(file)
      after()
    },
  }
}

function traceSoFar(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function emptySlot<T>(): Slot<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}

function slotIn<T>(slots: Map<string, T>, token: string, make: () => T): T {
  let slot = slots.get(token)
  if (slot === undefined) slots.set(token, (slot = make()))
  return slot
}
