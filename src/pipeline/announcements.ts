import type { PipelineEvent, PipelineEvents } from '../model/events.ts'

/** Tells whoever listens that something changed. A listener that throws is a bug and does not stop the others. */
export function makeAnnouncements(
  onError: (error: unknown) => void,
): PipelineEvents & { announce(events: readonly PipelineEvent[]): void } {
  const listeners = new Set<(event: PipelineEvent) => void>()
  return {
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    announce(events) {
      for (const event of events) {
        for (const listener of listeners) {
          try {
            listener(event)
          } catch (error) {
            onError(error)
          }
        }
      }
    },
  }
}
