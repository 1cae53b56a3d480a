import type { YamlEntry, YamlMapping } from '../../yaml/node.ts'
import { closest } from '../../shared/closest.ts'
import type { JobConfig } from '../config.ts'
import { configError, entryError, type Report, shapeError, under } from '../report.ts'
import * as texts from '../texts.ts'
import { withDefaults } from './default.ts'
import { instancesOf } from './instances.ts'
import { checkJob, checkScript } from './job-checks.ts'
import { readKeywords } from './job.ts'
import { child, isMapping, isSequence } from './nodes.ts'
import { GLOBAL_KEYWORDS, type GlobalKeywords } from './root.ts'
import { namesAJob, shapeOf } from './shape.ts'

/** Reads every visible job. */
export function readJobs(root: YamlMapping, globals: GlobalKeywords, report: Report): Map<string, JobConfig> {
  const at = under(report, 'jobs')
  const jobs = new Map<string, JobConfig>()
  let visible = 0
  for (const [name, entry] of root.entries) {
    if (!namesAJob(name, entry.value)) continue
    visible += 1
    const job = readJob(name, entry, globals, at)
    if (job !== undefined) jobs.set(name, job)
  }
  if (visible === 0) reportNoJob(root, at)
  return jobs
}

function reportNoJob(root: YamlMapping, at: Report): void {
  const hidden = [...root.entries.keys()].filter((key) => key.startsWith('.'))
  const help = `${hidden.length} hidden ${hidden.length === 1 ? 'job' : 'jobs'} found (${hidden.join(', ')}); names that start with a dot do not run`
  configError(
    at,
    { ...root.span, end: root.span.start },
    texts.noVisibleJob,
    hidden.length === 0 ? undefined : help,
  )
}

function readJob(
  name: string,
  entry: YamlEntry,
  globals: GlobalKeywords,
  jobs: Report,
): JobConfig | undefined {
  const { key, value } = entry
  const shape = shapeOf(value)
  if (name.trim() === '') return entryError(under(jobs, 'job'), key.span, 'name', texts.blank)
  if (!isMapping(value) || shape === 'none') {
    const near = closest(name, GLOBAL_KEYWORDS)
    return entryError(jobs, key.span, name, texts.notAJob, near && `did you mean the keyword "${near}"?`)
  }
  const report = under(jobs, name)
  if (typeof key.value !== 'string')
    entryError(report, key.span, 'name', texts.nameNotASymbol, `put the name in quotes: "${name}"`)
  if (name.length > 255) entryError(report, key.span, 'name', texts.tooLong(255))
  if (shape === 'bridge') return reportBridge(value, report)
  checkScript(value, report)
  const keywords = withDefaults(readKeywords(value, report), globals.defaults)
  checkJob({ node: value, keywords, key: key.span, warn: globals.workflow.rules === null }, report)
  return { name, span: key.span, keywords, instances: instancesOf(name, keywords.parallel) }
}

/** A job that triggers, or mirrors, another pipeline. */
function reportBridge(node: YamlMapping, report: Report): undefined {
  const trigger = node.entries.get('trigger')
  if (trigger !== undefined) return shapeError(under(report, 'trigger'), trigger.key.span, texts.unsupported)
  const needs = child(node, 'needs')
  const items = needs && isSequence(needs) ? needs.items : [needs]
  const mirrors = items.find((item) => isMapping(item) && item.entries.has('pipeline'))
  if (mirrors !== undefined)
    return shapeError(under(report, 'needs:pipeline'), mirrors.span, texts.unsupported)
  return configError(report, node.span, texts.neitherTriggerNorNeeds, 'the job has `needs` but no `script`')
}
