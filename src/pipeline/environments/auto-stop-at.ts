import { parseDuration } from '../../shared/chronic-duration.ts'

/** When an environment stops by itself: null for `never`, undefined when nothing (or no duration) was given. */
export function autoStopAt(written: string | null, now: number): number | null | undefined {
  if (written === null) return undefined
  if (written === 'never') return null
  const seconds = parseDuration(written)
  return seconds === null ? undefined : now + seconds * 1000
}
