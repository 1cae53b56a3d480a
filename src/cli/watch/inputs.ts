import { createInterface } from 'node:readline'
import { followTree } from '../../app/watch-tree.ts'
import { systemClock } from '../../platform/clock.ts'
import type { EndingSignal } from '../exit-code.ts'
import { eventQueue, type EventQueue } from './event-queue.ts'

/** What a watch reacts to. */
export type WatchEvent =
  | { readonly kind: 'saved' }
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'signal'; readonly signal: EndingSignal }
  | { readonly kind: 'ended' }

export interface WatchInputs {
  readonly events: EventQueue<WatchEvent>
  /** Resolves when no save can be missed any more. */
  readonly ready: Promise<void>
  /** For whoever does not want to wait for the end that the first signal asked for. */
  onSecondSignal(act: () => void): void
  close(): void
}

/** Saves below `root`, lines on the standard input, signals. */
export function watchInputs(root: string, { notice }: { notice(text: string): void }): WatchInputs {
  let impatient: () => void = () => undefined
  const events = eventQueue<WatchEvent>((event, last) => event.kind === 'saved' && last.kind === 'saved')
  const tree = followTree(root, {
    clock: systemClock,
    changed: () => events.push({ kind: 'saved' }),
    notice,
  })
  const lines = createInterface({ input: process.stdin, terminal: false })
  lines.on('line', (text) => events.push({ kind: 'line', text }))
  let signaled = false
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const listener = (): void => {
      if (signaled) impatient()
      signaled = true
      events.push({ kind: 'signal', signal })
    }
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  return {
    events,
    ready: tree.ready,
    onSecondSignal(act) {
      impatient = act
    },
    close() {
      tree.close()
      lines.close()
      process.stdin.destroy() // an open pipe would keep the process alive
      for (const off of signals) off()
    },
  }
}
