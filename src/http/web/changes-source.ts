import type { PipelineEvent } from '../../model/events.ts'
import type { Source } from '../events/source.ts'

const CHANGED = 'data: look again\n\n'

/**
 * Tells a page to look again, and nothing else: what it then shows is decided by whoever asks for it. It begins with one such
 * word, for what happened while the page was on its way.
 */
export function changesSource(isShown: (event: PipelineEvent) => boolean): Source {
  let changed = true
  return {
    next() {
      if (!changed) return undefined
      changed = false
      return CHANGED
    },
    ended: () => false,
    concerns(event) {
      if (!isShown(event)) return false
      changed = true
      return true
    },
    // Other processes announce nothing here.
    lookAgain() {
      changed = true
    },
  }
}
