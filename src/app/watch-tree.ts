import type { Clock } from '../platform/clock.ts'
import { watchWorkTree, type WorkTreeWatch } from '../sources/work-tree/watch-work-tree.ts'

/** Follows the files of a work tree for a command: `changed` is a hint that something was saved. */
export function followTree(
  root: string,
  options: { readonly clock: Clock; changed(): void; notice(text: string): void },
): WorkTreeWatch {
  return watchWorkTree(root, {
    ...options,
    limited: (message) =>
      options.notice(`not every folder can be watched (${message}); the files are looked at every 2 seconds`),
  })
}
