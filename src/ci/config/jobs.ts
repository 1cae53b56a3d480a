import type { YamlEntry, YamlMapping, YamlNode } from '../../yaml/node.ts'
import { closest } from '../../shared/closest.ts'
import type { JobConfig, JobKeywords } from '../config.ts'
import { addProblem, configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkBridge } from './bridge.ts'
import { withDefaults } from './default.ts'
import { instancesOf } from './instances.ts'
import { checkJob, checkScript } from './job-checks.ts'
import { readKeywords } from './job.ts'
import { renamed } from './keys.ts'
import { child, isMapping } from './nodes.ts'
import { checkPages } from './pages.ts'
import { GLOBAL_KEYWORDS, type GlobalKeywords } from './root.ts'
import { namesAJob, shapeOf } from './shape.ts'

export interface ReadJobs {
  readonly jobs: ReadonlyMap<string, JobConfig>
  /** Visible names of which something could not be read. */
  readonly unread: ReadonlySet<string>
  /** Those of them whose place is known all the same: their stage, and the instances they stand for. */
  readonly placed: ReadonlySet<string>
}

/** Reads every visible job. */
export function readJobs(root: YamlMapping, globals: GlobalKeywords, report: Report): ReadJobs {
  const at = under(report, 'jobs')
  const jobs = new Map<string, JobConfig>()
  const unread = new Set<string>()
  const placed = new Set<string>()
  const { problems } = report.reading
  let visible = 0
  for (const [name, entry] of root.entries) {
    if (!namesAJob(name, entry.value)) continue
    visible += 1
    const before = problems.length
    const job = readJob(name, entry, globals, at)
    if (job !== undefined) jobs.set(name, job)
    if (problems.length === before) continue
    unread.add(name)
    if (job !== undefined && isPlaced(entry.value, job.keywords)) placed.add(name)
  }
  if (visible === 0) reportNoJob(root, at)
  return { jobs, unread, placed }
}

function isPlaced(node: YamlNode, keywords: JobKeywords): boolean {
  const wasRead = (key: 'stage' | 'parallel'): boolean =>
    keywords[key] !== undefined || !isMapping(node) || child(node, key) === undefined
  return wasRead('stage') && wasRead('parallel')
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
    const help = renamed(name) ?? (near && `did you mean the keyword "${near}"?`)
    return addProblem(jobs.reading, key.span, texts.notAJob(name), help)
  }
  const report = under(jobs, name)
  if (typeof key.value !== 'string')
    entryError(report, key.span, 'name', texts.nameNotASymbol, `put the name in quotes: "${name}"`)
  if (name.length > 255) entryError(report, key.span, 'name', texts.tooLong(255))
  if (shape === 'job') checkScript(value, report)
  const keywords = withDefaults(readKeywords(value, report, shape), globals.defaults, shape)
  if (shape === 'bridge') checkBridge(value, keywords, key.span, report)
  else checkPages(name, value, keywords, report)
  checkJob({ node: value, keywords, key: key.span, warn: globals.workflow.rules === null }, report)
  return { name, span: key.span, kind: shape, keywords, instances: instancesOf(name, keywords.parallel) }
}
