import { closest } from '../shared/closest.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { JobPlan, JobVerdict, PipelinePlan } from '../model/plan.ts'
import { groupName } from './variables/predefined-job.ts'

/** For the sentence that says what the job is missing from: `push on main`. */
export interface PipelineEvent {
  readonly source: string
  readonly ref: string
}

/** `message` is a whole sentence; `detail` says what is close or what left the job out. */
export interface UnknownJob {
  readonly message: string
  readonly detail: string
}

/**
 * The plan with only the jobs that a person named: by name, by the name of a parallel group, by one of its
 * instances (`unit 1/2`) or with `*` (`unit*`). A manual job that was named runs at once; edges to jobs that
 * were not named are removed.
 */
export function selectJobs(
  plan: PipelinePlan,
  names: readonly string[],
  event: PipelineEvent,
): Result<PipelinePlan, UnknownJob> {
  const chosen = new Set<string>()
  for (const name of names) {
    const found = plan.jobs.filter((job) => fits(job.name, name))
    if (found.length === 0) return err(unknown(name, plan, event))
    for (const job of found) chosen.add(job.name)
  }
  const jobs = plan.jobs.flatMap((job) => (chosen.has(job.name) ? [selected(job, chosen, plan)] : []))
  const used = new Set(jobs.map(({ stage }) => stage))
  return ok({ ...plan, jobs, stages: plan.stages.filter((stage) => used.has(stage)) })
}

function selected(job: JobPlan, chosen: ReadonlySet<string>, plan: PipelinePlan): JobPlan {
  const earlier = artifactSources(job, plan).filter((name) => !chosen.has(name))
  return {
    ...job,
    when: job.when === 'manual' ? 'on_success' : job.when,
    needs: job.needs.filter((need) => chosen.has(need.job)),
    dependencies: job.dependencies?.filter((name) => chosen.has(name)) ?? null,
    options: earlier.length === 0 ? job.options : { ...job.options, earlierArtifacts: earlier },
  }
}

/** GitLab: with `needs` those with `artifacts: true`, else all earlier stages; `dependencies` narrows either. */
function artifactSources(job: JobPlan, plan: PipelinePlan): string[] {
  const needed = new Map(job.needs.map((need) => [need.job, need.artifacts]))
  return plan.jobs
    .filter((other) => other.options.artifacts !== null)
    .filter((other) =>
      job.scheduling === 'dag' ? needed.get(other.name) === true : other.stageIndex < job.stageIndex,
    )
    .map(({ name }) => name)
    .filter((name) => job.dependencies === null || job.dependencies.includes(name))
}

function fits(job: string, name: string): boolean {
  return job === name || groupName(job) === name || (name.includes('*') && fitsGlob(job, name.split('*')))
}

/** `*` stands for any text: the parts between must follow each other. */
function fitsGlob(text: string, [first = '', ...rest]: readonly string[]): boolean {
  const last = rest.pop() ?? ''
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false
  let at = first.length
  const end = text.length - last.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

function unknown(name: string, plan: PipelinePlan, { source, ref }: PipelineEvent): UnknownJob {
  const message = `no job "${name}" for ${source} on ${ref}`
  const named = plan.excluded.filter(({ job }) => fits(job, name))
  const near =
    named.length > 0
      ? undefined
      : closest(name, new Set(plan.jobs.flatMap((job) => [job.name, groupName(job.name)])))
  const parts: string[] = [
    near === undefined ? '' : `Close: ${near}.`,
    leftOut(named.length > 0 ? named : plan.excluded),
    named[0] === undefined
      ? ''
      : `${named[0].because} (${named[0].location.file}:${named[0].location.line}).`,
  ]
  if (parts.join('') === '') parts.push(`There are: ${shortList(plan.jobs.map((job) => job.name))}.`)
  return { message, detail: parts.filter((part) => part !== '').join(' ') }
}

function leftOut(excluded: readonly JobVerdict[]): string {
  const [first] = excluded
  if (first === undefined) return ''
  const names = shortList(excluded.map(({ job }) => job))
  return `In the file but left out by rules: ${names} (\`sluice explain job ${first.job}\`).`
}

function shortList(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`
}
