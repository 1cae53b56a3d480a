/** `setImmediate` in the simulator's hands: what is put off runs when the script says so, or never if the process dies first. */
export interface Turns {
  any(): boolean
  run(pick: number): void
  drop(): void
  /** Lets all promises go on that can, without a turn. */
  settle(): Promise<void>
  /** Gives the real one back. */
  restore(): void
}

export function takeTurns(): Turns {
  const real = globalThis.setImmediate
  let waiting: (() => void)[] = []
  const put = (run: (...args: unknown[]) => void, ...args: unknown[]): object => {
    waiting.push(() => run(...args))
    return {}
  }
  globalThis.setImmediate = put as unknown as typeof setImmediate
  return {
    any: () => waiting.length > 0,
    run(pick) {
      const [next] = waiting.splice(pick % Math.max(1, waiting.length), 1)
      next?.()
    },
    drop: () => void (waiting = []),
    settle: () => new Promise((resolve) => void real(resolve)),
    restore: () => void (globalThis.setImmediate = real),
  }
}
