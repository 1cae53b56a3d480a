import type { ChangesConfig, Config, ExistsConfig, JobConfig } from '../../ci/config.ts'
import { compilePattern, matches } from '../../ci/expression/pattern.ts'
import type { JobPlan, PipelinePlan } from '../../model/plan.ts'
import { fnmatch } from '../../shared/fnmatch.ts'
import { namedInScript } from './script-paths.ts'

/** A pipeline that could be made of the working tree, with the document that it comes from. */
export interface Compiled {
  readonly plan: PipelinePlan
  readonly config: Config
}

/**
 * The jobs that a change of these paths touches, by name and with what it was that touched them. A job is touched when its
 * `rules:changes`, `rules:exists`, `only:changes`, scripts or declared inputs (`cache:key:files`, the local file of a trigger
 * job) name a path, and when a change of CI files makes another job of it. Its own artifacts never touch it. `before`:
 * undefined when there was no valid CI file; every job is new then.
 */
export function touchedJobs(
  paths: readonly string[],
  now: Compiled,
  before: Compiled | undefined,
): Map<string, string> {
  const configs = configByJob(now.config)
  const earlier = new Map(before?.plan.jobs.map((job) => [job.name, definitionOf(job)]))
  const touched = new Map<string, string>()
  for (const job of now.plan.jobs) {
    const why =
      earlier.get(job.name) !== definitionOf(job) ? 'CI file' : reasonOf(job, configs.get(job.name), paths)
    if (why !== undefined) touched.set(job.name, why)
  }
  return touched
}

/** The jobs that name no file of this tree in any of these ways: no save touches them. */
export function jobsWithoutFiles({ plan, config }: Compiled, tree: readonly string[]): string[] {
  const configs = configByJob(config)
  return plan.jobs.flatMap((job) => {
    const { rules = [], only, except } = configs.get(job.name)?.keywords ?? {}
    const hasGlobs = rules.some((rule) => rule.changes ?? rule.exists) || only?.changes || except?.changes
    return hasGlobs || reasonOf(job, configs.get(job.name), tree) !== undefined ? [] : [job.name]
  })
}

/** All that a job does; not where it is written, nor which clause let it in. */
function definitionOf(job: JobPlan): string {
  return JSON.stringify({ ...job, verdict: null, stageIndex: 0 })
}

function configByJob(config: Config): ReadonlyMap<string, JobConfig> {
  const jobs = new Map<string, JobConfig>()
  for (const job of config.jobs.values()) for (const { name } of job.instances ?? [job]) jobs.set(name, job)
  return jobs
}

function reasonOf(job: JobPlan, config: JobConfig | undefined, paths: readonly string[]): string | undefined {
  const { keywords } = config ?? {}
  const expand = expander(job)
  for (const rule of keywords?.rules ?? []) {
    if (rule.changes && paths.some(fitting(rule.changes, expand))) return 'rules:changes'
    if (rule.exists && paths.some(fitting(rule.exists, expand))) return 'rules:exists'
  }
  const globs = [...(keywords?.only?.changes?.value ?? []), ...(keywords?.except?.changes?.value ?? [])]
  if (paths.some((path) => globs.some((glob) => fnmatch(expand(glob), path)))) return 'only:changes'
  const inputs = inputsOf(job).map(expand)
  if (paths.some((path) => inputs.some((input) => fnmatch(input, path)))) return 'input'
  const { beforeScript, script, afterScript, artifacts } = job.options
  const outputs = (artifacts?.paths ?? []).map((path) => expand(path).replace(/\/+$/, ''))
  const isOutput = (path: string): boolean =>
    outputs.some((output) => fnmatch(output, path) || path.startsWith(`${output}/`))
  const named = namedInScript([...beforeScript, ...script, ...afterScript], job.variables)
  return paths.some((path) => named(path) && !isOutput(path)) ? 'script' : undefined
}

function inputsOf({ options }: JobPlan): string[] {
  const keys = (options.cache ?? []).flatMap(({ key }) => (key.kind === 'text' ? [] : key.files))
  const includes = options.trigger?.kind === 'child' ? options.trigger.includes : []
  const locals = includes.flatMap(({ local }) => (typeof local === 'string' ? [local] : []))
  return [...keys, ...locals].map((path) => path.replace(/^\/+/, ''))
}

/** GitLab expands variables in the globs of rules; here only the job's own have values. */
function expander({ variables }: JobPlan): (text: string) => string {
  const values = new Map(variables.map(({ key, value }) => [key, value]))
  return (text) =>
    text.replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (all, braced: string | undefined, plain: string | undefined) =>
        values.get(braced ?? plain ?? '') ?? all,
    )
}

function fitting(
  clause: Pick<ChangesConfig | ExistsConfig, 'paths' | 'regexp'>,
  expand: (text: string) => string,
): (path: string) => boolean {
  if (clause.regexp === null)
    return (path) => clause.paths.some((glob) => fnmatch(expand(glob).replace(/^\//, ''), path))
  const pattern = compilePattern(clause.regexp)
  return (path) => pattern.ok && matches(pattern.value, path)
}
