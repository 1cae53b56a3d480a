import type { CronProblem } from '../shared/cron/cron.ts'
import { parseCron } from '../shared/cron/parse.ts'
import { resolveTimeZone } from '../shared/cron/time-zones.ts'

/** Why GitLab would refuse a schedule's cron expression, and where in it; undefined when it would not. */
export function cronProblem(text: string): CronProblem | undefined {
  const cron = parseCron(text)
  return cron.ok ? undefined : cron.error
}

/** Why a time zone cannot be one. GitLab takes IANA names, letter by letter, and Rails' names (`Berlin`). */
export function timezoneProblem(name: string): CronProblem | undefined {
  return resolveTimeZone(name) === undefined ? { message: 'there is no such time zone', at: 0 } : undefined
}
