import { compilePipeline, type CompileRequest } from '../../compile/compile.ts'
import { mergeRequestInto } from '../merge-request.ts'
import { ZERO_SHA } from '../../model/pipeline.ts'
import type { JobVerdict } from '../../model/plan.ts'
import type { PipelineSource } from '../../model/source.ts'

/** An event that a job would run for, and what lets it in. */
export interface OtherEvent {
  /** `push to main`, `every tag`, `schedule`. */
  readonly name: string
  readonly source: PipelineSource
  readonly ref: string
  readonly tag: boolean
  /** `rule 1`, `only`. */
  readonly by: string
  readonly because: string
  /** The options of `sluice run` that make this event. */
  readonly flags: string
}

interface Event {
  readonly name: string
  readonly source: PipelineSource
  readonly ref: string
  readonly tag: boolean
  readonly flags: string
}

const OTHER_BRANCH = 'feature/x'
const VERSION_TAG = 'v1.0.0'
const OTHER_TAG = 'latest'

/** Plans the usual events with the same files and variables. */
export async function otherEvents(job: string, request: CompileRequest): Promise<OtherEvent[]> {
  const found: OtherEvent[] = []
  for (const event of eventsFor(request.project.defaultBranch)) {
    const verdict = await verdictFor(job, event, request)
    if (verdict?.in) found.push({ ...event, by: verdict.steps.at(-1)?.label ?? '', because: verdict.because })
  }
  return withTagsJoined(found)
}

function eventsFor(branch: string): Event[] {
  const event = (name: string, source: PipelineSource, ref: string, flags: string, tag = false): Event => ({
    name,
    source,
    ref,
    tag,
    flags,
  })
  return [
    event(`push to ${branch}`, 'push', branch, `--ref ${branch}`),
    event('push to another branch', 'push', OTHER_BRANCH, `--ref ${OTHER_BRANCH}`),
    event(`tags like ${VERSION_TAG}`, 'push', VERSION_TAG, `--tag ${VERSION_TAG}`, true),
    event(`tags like ${OTHER_TAG}`, 'push', OTHER_TAG, `--tag ${OTHER_TAG}`, true),
    event(
      'merge request',
      'merge_request_event',
      OTHER_BRANCH,
      `--event merge_request_event --ref ${OTHER_BRANCH}`,
    ),
    event('trigger', 'trigger', branch, `--event trigger --ref ${branch}`),
    event('schedule', 'schedule', branch, `--event schedule --ref ${branch}`),
    event('web', 'web', branch, `--event web --ref ${branch}`),
  ]
}

async function verdictFor(
  job: string,
  { source, ref, tag }: Event,
  request: CompileRequest,
): Promise<JobVerdict | undefined> {
  const outcome = await compilePipeline({
    ...request,
    source,
    ref,
    tag,
    tagMessage: null,
    mergeRequest: source === 'merge_request_event' ? mergeRequestInto(request.project.defaultBranch) : null,
    // Nothing to compare with: `changes` is true, as it may be.
    beforeSha: ZERO_SHA,
    triggered: source === 'trigger',
  })
  return outcome.kind === 'plan' ? outcome.plan.jobs.find(({ name }) => name === job)?.verdict : undefined
}

/** Two tags that have nothing in common stand for all. */
function withTagsJoined(events: readonly OtherEvent[]): OtherEvent[] {
  const tags = events.filter(({ tag }) => tag)
  if (tags.length < 2) return [...events]
  return events.flatMap((event) => {
    if (!event.tag) return [event]
    return event === tags[0] ? [{ ...event, name: 'every tag' }] : []
  })
}
