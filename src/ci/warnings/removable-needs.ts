import type { Diagnostic, Span } from '../../shared/diagnostic.ts'
import type { Config, JobConfig } from '../config.ts'
import { plan } from '../plan.ts'
import { usualEvents } from './usual-events.ts'
import { warningAt, type LintedFile } from './warning.ts'

/** Beyond this, trying every event takes longer than a warning is worth. */
const MOST_JOBS = 1000

/**
 * Needs on a job that is left out in a pipeline that the needing job is in: GitLab then makes no pipeline at all. Found by
 * planning the usual events, once with every `changes` true and once with none.
 */
export function removableNeeds({ config }: LintedFile): Diagnostic[] {
  if (config.jobs.size > MOST_JOBS || !hasConditionalNeed(config)) return []
  const events = new Map<string, { readonly span: Span; readonly message: string; readonly names: string[] }>()
  for (const { name, facts } of usualEvents()) {
    const outcome = plan(config, facts)
    if (outcome.kind !== 'invalid') continue
    for (const problem of outcome.diagnostics) {
      const need = problem.code === 'needs.excluded' ? needAt(problem, config) : undefined
      if (need === undefined) continue
      const known = events.get(need.message)
      if (known === undefined) events.set(need.message, { ...need, names: [name] })
      else if (!known.names.includes(name)) known.names.push(name)
    }
  }
  return [...events.values()].map(({ span, message, names }) =>
    warningAt(config.sources, span, {
      code: 'needs.removable',
      message,
      help: `GitLab then makes no pipeline: ${names.join(', ')}; \`optional: true\` allows it`,
    }),
  )
}

function hasConditionalNeed({ jobs }: Config): boolean {
  for (const job of jobs.values()) {
    for (const need of needsOf(job)) {
      const keywords = need.optional ? undefined : jobs.get(need.job)?.keywords
      if (keywords && (keywords.rules ?? keywords.only ?? keywords.except) !== undefined) return true
    }
  }
  return false
}

function needsOf({ keywords }: JobConfig) {
  return [...(keywords.needs?.jobs ?? []), ...(keywords.rules ?? []).flatMap((rule) => rule.needs?.jobs ?? [])]
}

/** GitLab's sentence names both jobs; the place is that of the need. */
function needAt({ message, location }: Diagnostic, { jobs, sources }: Config) {
  const [, name = '', needed = ''] = /^'(.*?)' job needs '(.*?)' job, but '/.exec(message) ?? []
  for (const job of jobs.values()) {
    for (const need of needsOf(job)) {
      const at = warningAt(sources, need.span, { code: '', message: '' }).location
      if (at?.file !== location?.file || at?.line !== location?.line || at?.column !== location?.column) continue
      return { span: need.span, message: `${name}: a rule can remove ${needed}, which it needs` }
    }
  }
  return undefined
}
