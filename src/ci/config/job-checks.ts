import type { YamlMapping } from '../../yaml/node.ts'
import type { Span } from '../../shared/diagnostic.ts'
import type { JobKeywords } from '../config.ts'
import { locate } from '../../shared/source-text.ts'
import { configError, entryError, type Report } from '../report.ts'
import { onlyUpstreamNeeds } from '../keyword-texts.ts'
import * as texts from '../texts.ts'
import { child, isBlank } from './nodes.ts'
import { readDelay } from './scalars.ts'

interface JobToCheck {
  readonly node: YamlMapping
  readonly keywords: JobKeywords
  readonly key: Span
  /** Whether GitLab's warning about a last `when:` rule applies: only without `workflow:rules`. */
  readonly warn: boolean
}

/** What GitLab checks about the keywords of a job together. */
export function checkJob(job: JobToCheck, report: Report): void {
  checkRuleConflicts(job.node, report)
  checkStartIn(job, report)
  checkDependencies(job, report)
  if (job.warn) warnOfDuplicatePipelines(job, report)
}

/** `script` must say something, and stands beside neither `run` nor `trigger`. */
export function checkScript(node: YamlMapping, report: Report): void {
  const script = node.entries.get('script')
  const run = node.entries.get('run')
  const trigger = node.entries.get('trigger')
  for (const key of ['before_script', 'after_script']) {
    const beside = node.entries.get(key)
    if (run !== undefined && beside !== undefined && !isBlank(beside.value))
      configError(report, beside.key.span, texts.notTogether([key, 'run']))
  }
  if (script !== undefined && isBlank(script.value)) {
    entryError(
      report,
      script.value.span.start === script.value.span.end ? script.key.span : script.value.span,
      'script',
      texts.blank,
    )
  }
  for (const [other, entry] of [
    ['run', run],
    ['trigger', trigger],
  ] as const) {
    if (script !== undefined && entry !== undefined)
      configError(report, entry.key.span, texts.notTogether(['script', other]))
  }
}

/** GitLab tolerates the other key when its value is null. */
function checkRuleConflicts(node: YamlMapping, report: Report): void {
  if (isBlank(child(node, 'rules'))) return
  const present = ['only', 'except', 'start_in'].filter((key) => child(node, key) !== undefined)
  const entry = node.entries.get(present[0] ?? '')
  if (entry !== undefined) configError(report, entry.key.span, texts.notWithRules(present))
}

function checkStartIn({ node, keywords, key }: JobToCheck, report: Report): void {
  const written = child(node, 'start_in')
  const delayed = keywords.when === 'delayed'
  if (delayed && written === undefined) {
    entryError(
      report,
      node.entries.get('when')?.value.span ?? key,
      'start_in',
      texts.notADuration,
      'a delayed job says `start_in`',
    )
  }
  if (delayed && written !== undefined) readDelay(written, report)
  if (written !== undefined && (!delayed || keywords.rules !== undefined)) {
    entryError(
      report,
      written.span,
      'start_in',
      texts.mustBeBlank,
      'only with `when: delayed`, and never with `rules`',
    )
  }
}

function checkDependencies({ node, keywords, key }: JobToCheck, report: Report): void {
  const { dependencies, needs } = keywords
  if (!dependencies?.length || needs === undefined) return
  if (needs.jobs.length === 0) {
    const written = node.entries.get('needs')?.value.span ?? key
    if (needs.upstream.length > 0) entryError(report, written, 'needs', onlyUpstreamNeeds)
    return
  }
  const needed = new Set(needs.jobs.map((need) => need.job))
  const missing = dependencies.flatMap(({ value }) => (needed.has(value) ? [] : [value]))
  const span = node.entries.get('dependencies')?.value.span ?? key
  if (missing.length > 0) entryError(report, span, 'dependencies', texts.notOnlyNeeds(missing))
}

function warnOfDuplicatePipelines({ keywords }: JobToCheck, report: Report): void {
  const last = keywords.rules?.at(-1)
  if (last === undefined || last.when === null || last.when === 'never') return
  const more =
    last.if ??
    last.changes ??
    last.exists ??
    last.startIn ??
    last.allowFailure ??
    last.needs ??
    last.interruptible
  if (more !== null || last.variables.length > 0) return
  const { sources, warnings } = report.reading
  const { code, text } = texts.multiplePipelines
  warnings.push({
    severity: 'warning',
    code,
    message: `${report.path} ${text}`,
    location: locate(sources, last.span),
    help: 'give the last rule an `if`, or write `workflow:rules`',
  })
}
