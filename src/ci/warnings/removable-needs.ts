import type { Diagnostic } from '../../shared/diagnostic.ts'
import type { Config, JobConfig, NeedConfig } from '../config.ts'
import { namesOf } from '../config/instances.ts'
import { plan } from '../plan.ts'
import { usualEvents } from './usual-events.ts'
import { warningAt, type LintedFile } from './warning.ts'

/** Beyond this, trying every event takes longer than a warning is worth. */
const MOST_PAIRS = 500

/** A job, and one that it needs and that may be left out when it is in. */
interface Pair {
  readonly job: JobConfig
  readonly needed: JobConfig
  readonly need: NeedConfig
}

/**
 * Needs on a job that is left out in a pipeline that the needing job is in: GitLab then makes no pipeline at all. Found by
 * planning the usual events, once with every `changes` true and once with none.
 */
export function removableNeeds({ config }: LintedFile): Diagnostic[] {
  const pairs = doubtfulPairs(config)
  if (pairs.length === 0 || pairs.length > MOST_PAIRS) return []
  const jobs = new Map(
    pairs.flatMap(({ job, needed }) => [job, needed]).map((job) => [job.name, withoutNeeds(job)]),
  )
  const removed = new Map<Pair, string[]>()
  for (const { name, facts } of usualEvents()) {
    const outcome = plan({ ...config, jobs }, facts)
    if (outcome.kind !== 'plan') continue
    const present = new Set(outcome.plan.jobs.map((job) => job.name))
    for (const pair of pairs) {
      if (!isIn(pair.job, present) || isIn(pair.needed, present)) continue
      const names = removed.get(pair) ?? []
      if (!names.includes(name)) removed.set(pair, [...names, name])
    }
  }
  return [...removed].map(([{ job, need }, names]) =>
    warningAt(config.sources, need.span, {
      code: 'needs.removable',
      message: `${job.name}: a rule can remove ${need.job}, which it needs`,
      help: `GitLab then makes no pipeline: ${names.join(', ')}; \`optional: true\` allows it`,
    }),
  )
}

function doubtfulPairs({ jobs }: Config): Pair[] {
  return [...jobs.values()].flatMap((job) =>
    (job.keywords.needs?.jobs ?? []).flatMap((need) => {
      const needed = need.optional ? undefined : jobs.get(need.job)
      const conditional = needed?.keywords.rules ?? needed?.keywords.only ?? needed?.keywords.except
      if (needed === undefined || conditional === undefined || conditionsOf(job) === conditionsOf(needed))
        return []
      return [{ job, needed, need }]
    }),
  )
}

/** What decides about a job, as text. */
function conditionsOf({ keywords: { rules, only, except } }: JobConfig): string {
  const seen = (key: string, value: unknown): unknown =>
    key === 'span' || key === 'expression' ? undefined : value
  return JSON.stringify([rules, only, except], seen)
}

function withoutNeeds(job: JobConfig): JobConfig {
  const { needs: _needs, dependencies: _dependencies, ...keywords } = job.keywords
  const rules = keywords.rules?.map((rule) => ({ ...rule, needs: null }))
  return { ...job, keywords: rules === undefined ? keywords : { ...keywords, rules } }
}

function isIn(job: JobConfig, present: ReadonlySet<string>): boolean {
  return namesOf(job).some((name) => present.has(name))
}
