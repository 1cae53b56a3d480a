import type { Diagnostic, Sources } from '../../shared/diagnostic.ts'
import { closest } from '../../shared/closest.ts'
import type { EnvironmentPlan } from '../../model/keyword-plans.ts'
import type { JobConfig, Spanned } from '../config.ts'
import { stopJob } from '../keyword-texts.ts'
import { diagnosticAt } from '../report.ts'
import { mayBeUnread } from './unread.ts'

interface StopJobs {
  readonly owners: ReadonlyMap<string, JobConfig>
  readonly sources: Sources
  /** Names of jobs that are there, but could not be read. */
  readonly unread: ReadonlySet<string>
}

/** `environment:on_stop`: the job exists, has the same environment (names compared as written), and stops it. */
export function checkStopJob(
  job: JobConfig,
  { value: { name, onStop }, span }: Spanned<EnvironmentPlan>,
  { owners, sources, unread }: StopJobs,
): Diagnostic[] {
  if (onStop === null) return []
  const other = owners.get(onStop)
  const found = (text: string, help?: string): Diagnostic[] => [
    diagnosticAt(sources, span, stopJob(job.instances?.[0]?.name ?? job.name, onStop, text), help),
  ]
  if (other === undefined && mayBeUnread(onStop, unread)) return []
  if (other === undefined) {
    const near = closest(onStop, owners.keys())
    return found('is not defined', near && `did you mean "${near}"?`)
  }
  const environment = other.keywords.environment?.value
  if (environment === undefined) return found('does not have environment defined')
  if (environment.name !== name)
    return found('have different environment name', `"${environment.name}" and "${name}"`)
  if (environment.action !== 'stop') return found('needs to have action stop defined')
  return []
}
