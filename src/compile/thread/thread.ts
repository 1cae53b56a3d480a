import { Worker } from 'node:worker_threads'
import type { IncludePort } from '../../ci/include/port.ts'
import type { JobPlan, JobVerdict } from '../../model/plan.ts'
import type { FromThread, Result, Said, ToThread, Work } from './messages.ts'
import { portEnd } from './remote-port.ts'

export interface ThreadLimits {
  /** Milliseconds that one piece of work may take. */
  readonly time: number
  /** Bytes of the thread's heap. */
  readonly memory: number
}

/** Why there is no result. `died`: the thread ended for no reason of ours. */
export type ThreadFailure = { readonly kind: 'failed'; readonly reason: 'time' | 'memory' | 'died' }

export interface CompileThread {
  /** Waits for its turn. Rejects with what the port or the language threw; a thread that ended is followed by a new one. */
  perform(work: Work, port: IncludePort): Promise<Result | ThreadFailure>
  /** Ends the thread; what is under way is answered with `died`. */
  close(): Promise<void>
}

const MEBIBYTE = 1024 * 1024

/** A thread that is started by the first piece of work and stays, with all that it has read, for the next ones. */
export function openThread(entry: string | URL, limits: ThreadLimits): CompileThread {
  let worker: Worker | undefined
  let turn: Promise<unknown> = Promise.resolve()

  function start(): Worker {
    const started = new Worker(entry, {
      name: 'sluice-compile',
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(limits.memory / MEBIBYTE) },
    })
    started.unref()
    const gone = (): void => {
      if (worker === started) worker = undefined
    }
    started.once('error', gone)
    started.once('exit', gone)
    return started
  }

  return {
    perform(work, port) {
      const next = turn.then(() => {
        worker ??= start()
        return converse(worker, { work, port, time: limits.time })
      })
      turn = next.catch(() => undefined)
      return next
    },
    async close() {
      await worker?.terminate()
    },
  }
}

interface Order {
  readonly work: Work
  readonly port: IncludePort
  readonly time: number
}

/** Hands out one piece of work, answers the thread's questions meanwhile, and puts the pieces of the result together. */
function converse(worker: Worker, { work, port, time }: Order): Promise<Result | ThreadFailure> {
  const end = portEnd(port)
  const jobs: JobPlan[] = []
  const excluded: JobVerdict[] = []
  const send = (message: ToThread): void => worker.postMessage(message, [])
  return new Promise((resolve, reject) => {
    const fail = (reason: ThreadFailure['reason']) => (): void =>
      finish(() => resolve({ kind: 'failed', reason }))
    const onExit = fail('died')
    const onError = (error: unknown): void => (isOutOfMemory(error) ? fail('memory')() : onExit())
    const onMessage = (message: FromThread): void => {
      switch (message.kind) {
        case 'ask':
          void saidBy(end.answer(message.question)).then((said) =>
            send({ kind: 'answer', call: message.call, said }),
          )
          return
        case 'part':
          jobs.push(...message.jobs)
          excluded.push(...message.excluded)
          send({ kind: 'more' })
          return
        case 'done':
          return finish(() => resolve(complete(message.result, jobs, excluded)))
        case 'threw':
          return finish(() => reject(Object.assign(new Error(message.message), { stack: message.stack })))
      }
    }
    const timer = setTimeout(() => {
      finish(() => void worker.terminate().then(() => resolve({ kind: 'failed', reason: 'time' })))
    }, time)
    function finish(settle: () => void): void {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      // A thread that waits for work keeps no process alive.
      worker.unref()
      settle()
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.ref()
    send({ kind: 'work', work, port: end.facts })
  })
}

async function saidBy<T>(answer: Promise<T>): Promise<Said<T>> {
  try {
    return { ok: true, value: await answer }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

function complete(result: Result, jobs: readonly JobPlan[], excluded: readonly JobVerdict[]): Result {
  if (result.kind === 'lint') return result
  const { outcome } = result
  if (outcome.kind === 'plan')
    return { kind: 'plan', outcome: { ...outcome, plan: Object.freeze({ ...outcome.plan, jobs, excluded }) } }
  if (outcome.kind === 'filtered_by_rules' || outcome.kind === 'filtered_by_workflow_rules')
    return { kind: 'plan', outcome: { ...outcome, excluded } }
  return result
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
