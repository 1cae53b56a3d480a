import type { Config, JobConfig } from '../ci/config.ts'
import { namesOf } from '../ci/config/instances.ts'
import type { JobPlan, JobVerdict } from '../model/plan.ts'
import type { Sources } from '../shared/diagnostic.ts'

/** A job of the file, in this pipeline or not, as `sluice list` shows it. */
export interface JobRow {
  readonly name: string
  /** `# @Description …` above the job, as gitlab-ci-local reads it. */
  readonly description: string
  readonly stage: string
  /** `never`: left out. */
  readonly when: string
  readonly allowFailure: boolean
  /** Null: the job follows its stage. */
  readonly needs: readonly string[] | null
  readonly in: boolean
  readonly because: string
}

export interface Decided {
  readonly jobs: readonly JobPlan[]
  readonly excluded: readonly JobVerdict[]
  readonly config: Config
}

/** All jobs by stage, and in a stage as the file has them. */
export function jobRows({ jobs, excluded, config }: Decided): JobRow[] {
  const order = new Map<string, { readonly at: number; readonly job: JobConfig }>()
  for (const job of config.jobs.values())
    for (const name of namesOf(job)) order.set(name, { at: order.size, job })
  const rows = [
    ...jobs.map((job) => rowOfJob(job, config.sources)),
    ...excluded.map((verdict) => rowOfExcluded(verdict, order.get(verdict.job)?.job, config.sources)),
  ]
  const stage = new Map(config.stages.map((name, index) => [name, index]))
  const place = (row: JobRow): number => order.get(row.name)?.at ?? 0
  return rows.toSorted((a, b) => (stage.get(a.stage) ?? 0) - (stage.get(b.stage) ?? 0) || place(a) - place(b))
}

function rowOfJob(job: JobPlan, sources: Sources): JobRow {
  const { name, stage, when, allowFailure, scheduling, needs, verdict } = job
  return {
    name,
    description: descriptionOf(verdict, sources),
    stage,
    when,
    allowFailure,
    needs: scheduling === 'dag' ? needs.map((need) => need.job) : null,
    in: true,
    because: verdict.because,
  }
}

function rowOfExcluded(verdict: JobVerdict, job: JobConfig | undefined, sources: Sources): JobRow {
  const { allow_failure: allowed, needs } = job?.keywords ?? {}
  return {
    name: verdict.job,
    description: descriptionOf(verdict, sources),
    stage: verdict.stage,
    when: 'never',
    allowFailure: allowed?.allowed ?? false,
    needs: needs?.jobs.map((need) => need.job) ?? null,
    in: false,
    because: verdict.because,
  }
}

/** The comment lines right above the job. */
function descriptionOf({ location }: JobVerdict, sources: Sources): string {
  const lines = linesOf(sources, location.file)
  for (let at = location.line - 2; at >= 0; at--) {
    const line = lines[at]?.trim() ?? ''
    if (!line.startsWith('#')) return ''
    const found = /^#\s*@Description\s+(.*)$/.exec(line)
    if (found) return found[1] ?? ''
  }
  return ''
}

const split = new WeakMap<Sources, Map<string, readonly string[]>>()

function linesOf(sources: Sources, file: string): readonly string[] {
  let files = split.get(sources)
  if (!files) split.set(sources, (files = new Map<string, readonly string[]>()))
  let lines = files.get(file)
  if (!lines) files.set(file, (lines = (sources.get(file) ?? '').split(/\r\n|\r|\n/)))
  return lines
}
