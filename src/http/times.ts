/** GitLab: UTC, ISO 8601 with milliseconds (`2016-08-11T11:28:34.085Z`); absent is null. */
export function isoTime(ms: number): string
export function isoTime(ms: number | null): string | null
export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
