/** `00:03`, `12:05`, `01:02:03`, as GitLab writes durations; never negative. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const [hours = 0, ...rest] = parts
  return (hours > 0 ? parts : rest).map((part) => String(part).padStart(2, '0')).join(':')
}

/** `320 ms`, `2.4 s`, `3 m 20 s`, `1 h 2 m`: for reading, where a job may take less than a second. */
export function longDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const minutes = Math.floor(ms / 60_000)
  const seconds = Math.floor(ms / 1000) % 60
  return minutes < 60 ? `${minutes} m ${seconds} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`
}
