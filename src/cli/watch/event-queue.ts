/** Events in the order in which they came, for one reader. */
export interface EventQueue<T> {
  push(event: T): void
  next(): Promise<T>
}

/** `sameAsLast` tells events that need not be kept twice in a row. */
export function eventQueue<T>(sameAsLast: (event: T, last: T) => boolean): EventQueue<T> {
  const waiting: T[] = []
  let take: ((event: T) => void) | undefined
  return {
    push(event) {
      if (take) {
        take(event)
        take = undefined
        return
      }
      const last = waiting.at(-1)
      if (last === undefined || !sameAsLast(event, last)) waiting.push(event)
    },
    next: () =>
      new Promise((resolve) => {
        const event = waiting.shift()
        if (event === undefined) take = resolve
        else resolve(event)
      }),
  }
}
