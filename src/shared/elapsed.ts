/**
 * Seconds from one instant to another, both in ms since the epoch; null while one of them is open. A clock that was set
 * back in between gives 0.
 */
export function elapsedSeconds(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, to - from) / 1000
}
