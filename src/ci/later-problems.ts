// What is wrong with a document beside the mistakes at which GitLab stops reading it: only what stays wrong however those are mended.
import type { Diagnostic, Sources } from '../shared/diagnostic.ts'
import type { YamlEntry, YamlMapping } from '../yaml/node.ts'
import { readEntries } from './config/entries.ts'
import { resolveExtends } from './config/extends.ts'
import { checkReadJobs } from './config/graph.ts'
import { child, isMapping } from './config/nodes.ts'
import { holdsReference, keysWithReferences } from './config/reference.ts'
import { looksLikeJob, namesAJob } from './config/shape.ts'
import { startReading } from './report.ts'

/**
 * Problems of a hash that more keys in it do not mend: what is written wins over bases and included files. That something is missing,
 * or does not fit together, may be different with what they add.
 */
const CERTAIN: ReadonlySet<string> = new Set([
  'expression.syntax',
  'job.name',
  'keyword.unknown',
  'pattern.outdated',
  'stage.unknown',
  'value.duration',
  'value.range',
  'value.type',
  'value.unknown',
  'variable.type',
])

/** What `extends` and references made of a document, some of whose keys they could not finish. */
export interface HalfResolved {
  /** Includes merged in, and nothing else done. */
  readonly written: YamlMapping
  /** Without the keys that failed; references that could not be resolved still stand. */
  readonly resolved: YamlMapping
  readonly failed: ReadonlySet<string>
}

/** The keys that are whole are checked as ever; of the others, only what they say themselves. */
export function problemsBeside({ written, resolved, failed }: HalfResolved, sources: Sources): Diagnostic[] {
  const broken = new Set([...failed, ...keysWithReferences(resolved)])
  const reading = startReading(sources)
  const whole = readEntries(
    only(resolved, (key) => !broken.has(key)),
    reading,
  )
  const unread = new Set([...whole.unread, ...broken])
  const stages = whole.stagesAreRead && !broken.has('stages') ? whole.stages : null
  const between = stages === null ? [] : checkReadJobs({ ...whole, unread }, stages, sources)
  // The jobs that are broken are there.
  const found = reading.problems.filter(({ code }) => code !== 'job.none')
  const own = only(written, (key) => broken.has(key))
  return [...found, ...between, ...ownProblems(own, stages, sources)]
}

/** For a file some of whose includes could not be read, each of which may hold anything: what it says itself. */
export function problemsWithoutIncludes(file: YamlMapping, sources: Sources): Diagnostic[] {
  const reading = startReading(sources)
  resolveExtends(file, reading)
  const extending = reading.problems.filter(
    ({ code }) => code === 'extends.cycle' || code === 'extends.invalid',
  )
  return [...extending, ...ownProblems(file, null, sources)]
}

/** What is wrong with the keys of a document wherever they are used, each taken by itself. Stages null: those of the document, if it has some. */
function ownProblems(
  document: YamlMapping,
  knownStages: readonly string[] | null,
  sources: Sources,
): Diagnostic[] {
  const reading = startReading(sources)
  const entries = new Map<string, YamlEntry>()
  for (const [key, entry] of document.entries) {
    if (key === 'include') continue
    const plain = namesAJob(key, entry.value) ? jobAlone(entry) : withoutReferences(entry)
    if (plain !== undefined) entries.set(key, plain)
  }
  const read = readEntries({ ...document, entries }, reading)
  const hasStages = entries.has('stages') && child(document, 'stages') !== undefined && read.stagesAreRead
  const stages = knownStages ?? (hasStages ? read.stages : null)
  // Without a stage of its own a job may get one.
  const jobs = new Map([...read.jobs].filter(([, { keywords }]) => keywords.stage !== undefined))
  const between = stages === null ? [] : checkReadJobs({ ...read, jobs }, stages, sources)
  return [...reading.problems, ...between].filter(({ code }) => CERTAIN.has(code))
}

/** A job without what it gets from elsewhere; with a script when it has none, for it may come from there. */
function jobAlone(entry: YamlEntry): YamlEntry | undefined {
  if (!isMapping(entry.value)) return undefined
  const own = only(entry.value, (key, { value }) => key !== 'extends' && !holdsReference(value))
  const entries = new Map(own.entries)
  if (!looksLikeJob(own)) {
    const { key } = entry
    entries.set('script', { key, value: { kind: 'scalar', value: 'true', text: 'true', span: key.span } })
  }
  return { key: entry.key, value: { ...own, entries } }
}

function withoutReferences({ key, value }: YamlEntry): YamlEntry | undefined {
  if (!isMapping(value)) return holdsReference(value) ? undefined : { key, value }
  return { key, value: only(value, (_, entry) => !holdsReference(entry.value)) }
}

function only(document: YamlMapping, fits: (key: string, entry: YamlEntry) => boolean): YamlMapping {
  return { ...document, entries: new Map([...document.entries].filter(([key, entry]) => fits(key, entry))) }
}
