import type { Coordinator } from '../../model/coordinator.ts'
import type { JobPayload } from '../../model/payload.ts'
import type { Clock } from '../../platform/clock.ts'
import type { BuildEnd } from '../build-end.ts'
import type { BuildSettings } from '../build-settings.ts'
import type { CacheStore } from '../cache/cache-store.ts'
import type { BuildEnvironment, Executor } from '../executors/executor.ts'
import type { JobVariables } from '../job-variables.ts'
import { sectionEnd, sectionStart } from '../log/ansi.ts'
import type { JobLog } from '../log/job-log.ts'
import type { Lane } from '../scratch/lanes.ts'
import type { Workspace } from '../workspace/workspaces.ts'

/** One job, from the moment its log is open. */
export interface Job {
  readonly payload: JobPayload
  readonly log: JobLog
  readonly end: BuildEnd
  readonly coordinator: Coordinator
  readonly executor: Executor
  readonly clock: Clock
  readonly graceMs: number
  readonly caches: CacheStore
}

/** A job that has a place to work in. */
export interface Build extends Job {
  readonly lane: Lane
  readonly workspace: Workspace
  readonly environment: BuildEnvironment
  readonly variables: JobVariables
  readonly settings: BuildSettings
}

/** Runs one of GitLab's build stages as a section of the log. */
export async function inSection<T>(
  job: Pick<Job, 'payload' | 'log' | 'clock'>,
  name: string,
  stage: () => Promise<T> | T,
): Promise<T> {
  const { log, clock, payload } = job
  const sections = payload.features.trace_sections
  if (sections) log.say(sectionStart(name, clock.now()))
  try {
    return await stage()
  } finally {
    if (sections) log.say(sectionEnd(name, clock.now()))
  }
}
