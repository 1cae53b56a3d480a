import { keyOrigins } from '../../ci/key-origins.ts'
import { groupName } from '../../ci/variables/predefined-job.ts'
import { readDocuments } from '../../compile/documents.ts'
import type { JobVerdict } from '../../model/plan.ts'
import { closest } from '../../shared/closest.ts'
import type { Location } from '../../shared/diagnostic.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { locate } from '../../shared/source-text.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { shellWord } from '../words.ts'
import type { Explained, LivePipeline } from './explained.ts'
import { locationRecord, stepRecord } from './records.ts'
import { otherEvents, type OtherEvent } from './other-events.ts'
import { conclusion, placeText, stepsText } from './steps-text.ts'
import { waitingFor } from './waiting.ts'

/** A job of a pipeline with everything that is known of it. */
export interface ExplainedJob {
  readonly verdict: JobVerdict
  readonly pipeline: Explained
  /** Only for a pipeline that is asked about now: the files of a stored one may have changed since. */
  readonly events: readonly OtherEvent[] | null
  readonly keys: readonly ExplainedKey[] | null
  /** How it stands in a pipeline that was made. */
  readonly status: string | null
}

export interface ExplainedKey {
  readonly key: string
  readonly through: string | null
  readonly location: Location
}

/** By its name, or by that of the parallel job that it is an instance of. */
export function findVerdict(name: string, verdicts: readonly JobVerdict[]): Result<JobVerdict, Failure> {
  const found =
    verdicts.find(({ job }) => job === name) ?? verdicts.find(({ job }) => groupName(job) === name)
  if (found) return ok(found)
  const near = closest(name, new Set(verdicts.flatMap(({ job }) => [job, groupName(job)])))
  return err(usageFailure('job.unknown', `no job "${name}"`, near && `"${near}" is close`))
}

export async function explainJob(name: string, pipeline: Explained): Promise<Result<ExplainedJob, Failure>> {
  const found = findVerdict(name, pipeline.verdicts)
  if (!found.ok) return found
  const verdict = found.value
  const { origin } = pipeline
  if (origin.kind === 'stored') {
    const status = verdict.in ? waitingFor(verdict.job, origin) : null
    return ok({ verdict, pipeline, events: null, keys: null, status })
  }
  const [events, keys] = await Promise.all([
    otherEvents(verdict.job, origin.request),
    keysOf(verdict.job, origin),
  ])
  return ok({ verdict, pipeline, events, keys, status: null })
}

async function keysOf(name: string, { request }: LivePipeline): Promise<ExplainedKey[]> {
  const documents = await readDocuments(request)
  if (!documents?.loaded.ok || documents.written === null) return []
  const config = documents.loaded.value
  const job =
    config.jobs.get(name) ??
    [...config.jobs.values()].find(({ instances }) => instances?.some((one) => one.name === name))
  if (job === undefined) return []
  return keyOrigins(job, documents.written).map(({ key, through, span }) => ({
    key,
    through,
    location: locate(config.sources, span),
  }))
}

export function jobText({ verdict, pipeline, events, keys, status }: ExplainedJob): string {
  const { workflow } = pipeline
  const parts = [
    `${verdict.job} is ${verdict.in ? '' : 'not '}in this pipeline   ${headline(pipeline)}\n`,
    stepsText([
      { owner: 'workflow', steps: workflow },
      { owner: verdict.job, steps: verdict.steps },
    ]),
    `  ${conclusion(verdict)}\n`,
    status === null ? '' : `  ${status}\n`,
    events === null ? '' : eventsText(verdict, events),
    keys === null ? '' : keysText(keys),
    events === null ? '' : hintsText(verdict, pipeline, events),
  ]
  return parts.join('')
}

export function headline({ source, ref, sha, origin }: Explained): string {
  const id = origin.kind === 'stored' ? `pipeline ${origin.pipelineId} · ` : ''
  return `${id}${source} · ${ref} @ ${sha.slice(0, 7)}`
}

function eventsText({ in: isIn }: JobVerdict, events: readonly OtherEvent[]): string {
  const names = events.map(({ name, by }) => (by === '' ? name : `${name} (${by})`))
  const begin = isIn ? 'it runs for' : 'it would run for'
  return `  ${begin}: ${names.length === 0 ? 'none of the usual events' : names.join(', ')}\n`
}

function keysText(keys: readonly ExplainedKey[]): string {
  const width = Math.max(0, ...keys.map(({ key }) => key.length))
  const lines = keys.map((one) => {
    const through = one.through === null ? '' : `   through ${one.through}`
    return `    ${one.key.padEnd(width)}  ${placeText(one)}${through}\n`
  })
  return lines.length === 0 ? '' : `  keys\n${lines.join('')}`
}

function hintsText(
  { job, in: isIn }: JobVerdict,
  { source }: Explained,
  events: readonly OtherEvent[],
): string {
  const [first] = events
  const word = shellWord(job)
  const run = isIn ? `sluice run ${word}` : first && `sluice run ${word} ${first.flags}`
  const compare = `compare: sluice explain job ${word} --event ${source === 'trigger' ? 'push' : 'trigger'}`
  return `  ${run === undefined ? '' : `try: ${run}      `}${compare}\n`
}

export function jobRecord({ verdict, pipeline, events, keys, status }: ExplainedJob) {
  return {
    what: 'job',
    name: verdict.job,
    stage: verdict.stage,
    in: verdict.in,
    because: verdict.because,
    source: pipeline.source,
    ref: pipeline.ref,
    sha: pipeline.sha,
    message: pipeline.message,
    workflow: pipeline.workflow.map(stepRecord),
    steps: verdict.steps.map(stepRecord),
    would_run_for:
      events?.map(({ name, source, ref, tag, by, because }) => ({ name, source, ref, tag, by, because })) ??
      null,
    keys: keys?.map(({ key, through, location }) => ({ key, through, ...locationRecord(location) })) ?? null,
    status,
  }
}
