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
  /** Nobody types any more at this terminal, or nobody reads what is written. */
  | { readonly kind: 'left' }

export interface WatchInputs {
  readonly events: EventQueue<WatchEvent>
  /** Resolves when no save can be missed any more. */
  readonly ready: Promise<void>
  /** For whoever does not want to wait for the end that a first signal or `ending` began. */
  onImpatience(act: () => void): void
  /** The end has begun: the next signal is the second. */
  ending(): void
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
  const left = (): void => events.push({ kind: 'left' })
  lines.on('line', (text) => events.push({ kind: 'line', text }))
  if (process.stdin.isTTY) lines.on('close', left) // Ctrl+D; an empty standard input is no wish
  process.stdout.on('error', left)
  let ending = false
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => {
    const listener = (): void => {
      if (ending) impatient()
      ending = true
      events.push({ kind: 'signal', signal })
    }
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  return {
    events,
    ready: tree.ready,
    onImpatience(act) {
      impatient = act
    },
    ending() {
      ending = true
    },
    close() {
      tree.close()
      lines.close()
      process.stdout.off('error', left)
      process.stdin.destroy() // an open pipe would keep the process alive
      for (const off of signals) off()
    },
  }
}
