import { open } from 'node:fs/promises'
import type { Job } from '../model/job.ts'
import type { Store } from '../store/store.ts'

/** How much of a log's end is searched. GitLab reads it line by line from the end; nobody prints coverage further up. */
const SEARCHED_BYTES = 4 * 1024 * 1024

/** Finds the coverage number in a finished job's log and records it; nothing when there is none. */
export async function recordCoverage(store: Store, job: Job, pattern: string): Promise<void> {
  const { extractCoverage } = await import('./coverage-pattern.ts')
  const coverage = extractCoverage(pattern, await endOfTrace(store.traces.pathOf(job)))
  if (coverage !== undefined) store.jobs.setCoverage(job.id, coverage)
}

async function endOfTrace(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const length = Math.min(size, SEARCHED_BYTES)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    await file.close()
  }
}
