import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Store } from '../../store/store.ts'

/** GitLab: `environment_creation_failure`, on the job's page. */
const SENTENCE =
  'This job could not be executed because it would create an environment with an invalid parameter.'

/** Fails a job that is being added, and says why in its log; the caller's transaction. */
export function refuseEnvironment(store: Store, jobId: number, name: string, now: number): void {
  const failureReason = 'environment_creation_failure'
  store.jobs.setStatus({ id: jobId, from: 'created', to: 'failed', now, failureReason })
  const path = store.traces.pathOf({ id: jobId, createdAt: now })
  const text = `\u001b[31;1mERROR: ${SENTENCE}\u001b[0;m\nthe environment "${name.slice(0, 300)}" or its tier is not one that GitLab takes\n`
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  appendFileSync(path, text, { mode: 0o600 })
  store.jobs.setTraceSize(jobId, Buffer.byteLength(text))
}
