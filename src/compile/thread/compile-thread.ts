import { parentPort, type MessagePort } from 'node:worker_threads'
import { lintDocument } from '../lint.ts'
import { planDocument, type DocumentOutcome } from '../plan-document.ts'
import type { Answers, FromThread, PortFacts, Said, ToThread, Work } from './messages.ts'
import { remotePort, type Ask } from './remote-port.ts'

// The thread: one piece of work after the other, each with its own port. What was parsed and read stays for the next.

/** Jobs in one message: so many are unpacked in a few milliseconds. */
const PART = 100

if (parentPort !== null) listen(parentPort)

function listen(port: MessagePort): void {
  const waiting = new Map<number, (said: Said<unknown>) => void>()
  let calls = 0
  let taken: (() => void) | undefined
  const send = (message: FromThread): void => port.postMessage(message, [])
  const ask: Ask = (question) =>
    new Promise((resolve, reject) => {
      const call = ++calls
      waiting.set(call, (said) => {
        // The other side answers each method with its own type.
        if (said.ok) resolve(said.value as Answers[(typeof question)['method']])
        else reject(new Error(said.message))
      })
      send({ kind: 'ask', call, question })
    })
  const sendPart: SendPart = (part) =>
    new Promise((resolve) => {
      taken = resolve
      send({ kind: 'part', ...part })
    })
  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'work':
        void perform(message.work, message.port, { ask, sendPart }).then(send, (error: unknown) =>
          send(thrown(error)),
        )
        return
      case 'answer':
        waiting.get(message.call)?.(message.said)
        waiting.delete(message.call)
        return
      case 'more':
        taken?.()
    }
  })
}

type Part = Omit<Extract<FromThread, { kind: 'part' }>, 'kind'>
type SendPart = (part: Part) => Promise<void>

async function perform(
  work: Work,
  facts: PortFacts,
  { ask, sendPart }: { readonly ask: Ask; readonly sendPart: SendPart },
): Promise<FromThread> {
  const port = remotePort(facts, ask)
  if (work.kind === 'lint') {
    const linted = await lintDocument(work.task, work.options, port)
    return { kind: 'done', result: { kind: 'lint', linted } }
  }
  const outcome = await planDocument(work.task, port)
  return { kind: 'done', result: { kind: 'plan', outcome: await withoutJobs(outcome, sendPart) } }
}

/** Sends the jobs ahead, in pieces, and leaves the document here. */
async function withoutJobs(
  outcome: DocumentOutcome<unknown>,
  sendPart: SendPart,
): Promise<DocumentOutcome<true>> {
  if (outcome.kind === 'unknown_job') return outcome
  if (outcome.kind === 'invalid') return { ...outcome, config: outcome.config === null ? null : true }
  if (outcome.kind !== 'plan') {
    for (const excluded of pieces(outcome.excluded)) await sendPart({ jobs: [], excluded })
    return { ...outcome, excluded: [], config: true }
  }
  const { plan } = outcome
  for (const jobs of pieces(plan.jobs)) await sendPart({ jobs, excluded: [] })
  for (const excluded of pieces(plan.excluded)) await sendPart({ jobs: [], excluded })
  return { ...outcome, plan: { ...plan, jobs: [], excluded: [] }, config: true }
}

function* pieces<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += PART) yield items.slice(at, at + PART)
}

function thrown(error: unknown): FromThread {
  const known = error instanceof Error ? error : new Error(String(error))
  return { kind: 'threw', message: known.message, stack: known.stack ?? '' }
}
