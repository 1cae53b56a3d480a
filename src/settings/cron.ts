import { parseCron } from '../shared/cron/parse.ts'
import { nearTimeZone, resolveTimeZone } from '../shared/cron/time-zones.ts'

/** What is wrong with a text, and the UTF-16 offset in it; null: all of it. */
export interface TextProblem {
  readonly message: string
  readonly at: number | null
  readonly help?: string
}

/** Why GitLab would refuse a schedule's cron expression, and where in it; undefined when it would not. */
export function cronProblem(text: string): TextProblem | undefined {
  const cron = parseCron(text)
  return cron.ok ? undefined : cron.error
}

/** Why a time zone cannot be one. GitLab takes IANA names, letter by letter, and Rails' names (`Berlin`). */
export function timezoneProblem(name: string): TextProblem | undefined {
  if (resolveTimeZone(name) !== undefined) return undefined
  const near = nearTimeZone(name)
  const help = near === undefined ? {} : { help: `did you mean "${near}"?` }
  return { message: 'there is no such time zone', at: null, ...help }
}
