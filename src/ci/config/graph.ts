import { closest } from '../../shared/closest.ts'
import type { Diagnostic, Sources, Span } from '../../shared/diagnostic.ts'
import { locate } from '../../shared/source-text.ts'
import type { JobConfig, JobInstance, NeedConfig, NeedsConfig, Spanned } from '../config.ts'
import { needNameTooLong } from '../keyword-texts.ts'
import { diagnosticAt } from '../report.ts'
import * as texts from '../texts.ts'
import { findCycle } from './cycles.ts'
import type { ReadJobs } from './jobs.ts'
import { checkStopJob } from './stop-job.ts'
import { expandNames, expandNeeds, namesOf } from './instances.ts'
import { mayBeUnread } from './unread.ts'

export interface Graph {
  readonly sources: Sources
  readonly stages: readonly string[]
  readonly jobs: ReadonlyMap<string, JobConfig>
  readonly stageIndex: ReadonlyMap<string, number>
  /** Every name that may stand in the pipeline, with the job that it comes from. */
  readonly owners: ReadonlyMap<string, JobConfig>
  /** Names of jobs that are there, but could not be read. */
  readonly unread: ReadonlySet<string>
}

/**
 * What is wrong between the jobs of a document some of which could not be read: only what is certain. Nothing is said of a job that
 * names one of those, and of such a job itself what its readable keywords say.
 */
export function checkReadJobs(
  { jobs, unread, placed }: ReadJobs,
  stages: readonly string[],
  sources: Sources,
): Diagnostic[] {
  const read = new Map([...jobs].filter(([name]) => !unread.has(name)))
  const graph = graphOf(read, stages, { sources, unread })
  return [...jobs].flatMap(([name, job]) => (read.has(name) || placed.has(name) ? checkJob(job, graph) : []))
}

/**
 * The logical checks between jobs, in GitLab's order: stage, dependencies and needs of each job in turn, then
 * circles. GitLab stops at the first; here that first one leads and the others follow.
 */
export function checkGraph(
  jobs: ReadonlyMap<string, JobConfig>,
  stages: readonly string[],
  sources: Sources,
): Diagnostic[] {
  const graph = graphOf(jobs, stages, { sources, unread: new Set() })
  const found = [...jobs.values()].flatMap((job) => checkJob(job, graph))
  return found.length > 0 ? found : checkCycles(graph)
}

function graphOf(
  jobs: ReadonlyMap<string, JobConfig>,
  stages: readonly string[],
  { sources, unread }: Pick<Graph, 'sources' | 'unread'>,
): Graph {
  const owners = new Map<string, JobConfig>()
  for (const job of jobs.values()) for (const name of namesOf(job)) owners.set(name, job)
  const stageIndex = new Map(stages.map((stage, index) => [stage, index]))
  return { sources, stages, jobs, stageIndex, owners, unread }
}

/** GitLab's default stage. */
export function stageOf(job: JobConfig): string {
  return job.keywords.stage?.value ?? 'test'
}

function checkJob(job: JobConfig, graph: Graph): Diagnostic[] {
  const { dependencies, environment, needs, rules, trigger } = job.keywords
  const stage = checkStage(job, graph)
  if (stage !== undefined) return [stage]
  if ((dependencies ?? needs ?? rules ?? environment ?? trigger) === undefined) return []
  // GitLab: the job that writes the files of a child pipeline is checked as a dependency.
  const named = [...(dependencies ?? []), ...(trigger?.generators ?? [])]
  return [
    ...checkNames(
      job,
      'dependency',
      named.map((name) => ({ ...name, optional: false })),
      graph,
    ),
    ...checkNeeds(job, needs, graph),
    ...(rules ?? []).flatMap((rule) => checkNeeds(job, rule.needs ?? undefined, graph)),
    ...(environment === undefined ? [] : checkStopJob(job, environment, graph)),
  ]
}

function checkStage(job: JobConfig, { stages, stageIndex, sources }: Graph): Diagnostic | undefined {
  const stage = stageOf(job)
  if (stageIndex.has(stage)) return undefined
  const near = closest(stage, stages)
  const help =
    job.keywords.stage === undefined
      ? 'a job without `stage` is in stage test'
      : near && `did you mean "${near}"?`
  return diagnosticAt(
    sources,
    job.keywords.stage?.span ?? job.span,
    texts.unknownStage(reportName(job), stage, stages),
    help,
  )
}

/** GitLab: the most characters of a job's name. */
const LONGEST_NAME = 255

function checkNeeds(job: JobConfig, config: NeedsConfig | undefined, graph: Graph): Diagnostic[] {
  const needs = config?.jobs ?? []
  if (needs.length === 0) return []
  // Only `$[[ matrix.X ]]` makes the needs of the instances different.
  const [first] = job.instances ?? []
  if (first === undefined || !needs.some(({ matrix }) => matrix !== null))
    return checkNeedsOf(job, null, needs, graph)
  for (const instance of job.instances ?? []) {
    const found = checkNeedsOf(job, instance, needs, graph)
    if (found.length > 0) return found
  }
  return []
}

function checkNeedsOf(
  job: JobConfig,
  instance: JobInstance | null,
  needs: readonly NeedConfig[],
  graph: Graph,
): Diagnostic[] {
  const expanded = expandNeeds(needs, graph.jobs, instance)
  const first = new Map<string, NeedConfig>()
  const twice: NeedConfig[] = []
  for (const need of expanded) {
    if (first.has(need.job)) twice.push(need)
    else first.set(need.job, need)
  }
  const [again] = twice
  if (again !== undefined) {
    const names = [...new Set(twice.map((need) => need.job))]
    const { line } = locate(graph.sources, (first.get(again.job) ?? again).span)
    const finding = texts.duplicateNeeds(reportName(job), names)
    return [diagnosticAt(graph.sources, again.span, finding, `already needed in line ${line}`)]
  }
  const long = expanded.find((need) => need.job.length > LONGEST_NAME)
  if (long !== undefined)
    return [diagnosticAt(graph.sources, long.span, needNameTooLong(reportName(job), long.job, LONGEST_NAME))]
  const picked = expanded.filter(({ matrix }) => matrix !== null)
  const named = [...needs.filter(({ matrix }) => matrix === null), ...picked].map((need) => ({
    value: need.job,
    span: need.span,
    optional: need.optional,
  }))
  return checkNames(job, 'need', named, graph)
}

function checkNames(
  job: JobConfig,
  kind: 'need' | 'dependency',
  names: readonly (Spanned<string> & { readonly optional: boolean })[],
  graph: Graph,
): Diagnostic[] {
  return names.flatMap(({ value, span, optional }) => {
    const target = graph.jobs.get(value) ?? graph.owners.get(value)
    if (target === undefined)
      return optional || mayBeUnread(value, graph.unread)
        ? []
        : [undefinedName(job, kind, value, span, graph)]
    const later = laterThan(target, job, graph)
    if (!later) return []
    const name = expandNames([value], graph.jobs)[0] ?? value
    const help = `${job.name} is in stage ${stageOf(job)}, ${value} in stage ${stageOf(target)}`
    return [diagnosticAt(graph.sources, span, texts.laterStage(reportName(job), kind, name), help)]
  })
}

function undefinedName(
  job: JobConfig,
  kind: 'need' | 'dependency',
  name: string,
  span: Span,
  { sources, jobs }: Graph,
): Diagnostic {
  const near = closest(name, jobs.keys())
  const target = near === undefined ? undefined : jobs.get(near)
  const close = target === undefined ? '' : `; "${near}" (line ${locate(sources, target.span).line}) is close`
  return diagnosticAt(
    sources,
    span,
    texts.undefinedJob(reportName(job), kind, name),
    `no job has this name${close}`,
  )
}

/** A stage that does not exist counts as later, as in GitLab; it has its own message at its own job. */
function laterThan(target: JobConfig, job: JobConfig, { stageIndex }: Graph): boolean {
  const own = stageIndex.get(stageOf(job))
  const other = stageIndex.get(stageOf(target))
  return other === undefined || own === undefined || other > own
}

/** GitLab names the first instance of a parallel job: it checks after unfolding. */
export function reportName(job: JobConfig): string {
  return job.instances?.[0]?.name ?? job.name
}

function checkCycles({ sources, jobs, owners }: Graph): Diagnostic[] {
  const groups = findCycle(jobs.keys(), (name) =>
    needsOf(jobs.get(name))?.map((need) => owners.get(need.job)?.name ?? need.job),
  )
  if (groups === undefined) return []
  const names =
    findCycle(owners.keys(), (name) =>
      expandNeeds(needsOf(owners.get(name)) ?? [], jobs).map((need) => need.job),
    ) ?? groups
  const [first = ''] = names
  const job = owners.get(first)
  if (job === undefined) return []
  const lines = names.flatMap((name) => {
    const member = owners.get(name)
    return member === undefined ? [] : [`${name} (line ${locate(sources, member.span).line})`]
  })
  const finding = names.length === 1 ? texts.selfNeed(first) : texts.needsCycle(names)
  const help = names.length === 1 ? undefined : [...lines, first].join(' → ')
  return [diagnosticAt(sources, needsOf(job)?.[0]?.span ?? job.span, finding, help)]
}

function needsOf(job: JobConfig | undefined): readonly NeedConfig[] | undefined {
  return job?.keywords.needs?.jobs
}
