import type { Schedule } from '../../../model/schedule.ts'
import type { User } from '../../../model/user.ts'
import { isoTime } from '../../times.ts'
import { userBasic } from './user.ts'

/** What an entity says beyond its row. Clients rely on an owner being there. */
export interface ScheduleFacts {
  readonly owner: User
  readonly externalUrl: string
}

/** `missed`, `missed_runs`, `last_run_at`, `last_error` and `declared_at` are ours: GitLab's API says nothing of a run that came to nothing. */
export function scheduleEntity(schedule: Schedule, { owner, externalUrl }: ScheduleFacts) {
  return {
    id: schedule.id,
    description: schedule.description,
    ref: schedule.ref,
    cron: schedule.cron,
    cron_timezone: schedule.timezone,
    next_run_at: isoTime(schedule.nextRunAt),
    active: schedule.active,
    created_at: isoTime(schedule.createdAt),
    updated_at: isoTime(schedule.updatedAt),
    owner: userBasic(owner, externalUrl),
    inputs: Object.entries(schedule.inputs).map(([name, value]) => ({ name, value })),
    missed: schedule.missed,
    missed_runs: schedule.missedRuns,
    last_run_at: isoTime(schedule.lastRunAt),
    last_error: schedule.lastError,
    declared_at: schedule.declaredAt,
  }
}
