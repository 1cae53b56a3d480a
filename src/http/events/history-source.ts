import type { PipelineEvent } from '../../model/events.ts'
import type { Clock } from '../../platform/clock.ts'
import { EVENT_RANKS, type HappenedRow } from '../../store/event-lists.ts'
import type { Store } from '../../store/store.ts'
import { eventText, openingText } from './event-text.ts'
import { createdRecord, jobFinishedRecord, pipelineFinishedRecord, startedRecord } from './records.ts'
import type { Source } from './source.ts'

/** Of whom the history is told. */
export type HistoryScope =
  | { readonly kind: 'project'; readonly projectId: number }
  | { readonly kind: 'pipeline'; readonly pipelineId: number }

/** So many events are read at a time; a reader that is slow gets them later, and nothing is queued for it. */
const BATCH = 50
/** More pipelines than this that changed between two looks are not remembered one by one. */
const MOST_TOUCHED = 200

/**
 * What happens in a project or a pipeline, from a point on. The rows are the truth: an announcement only says where to look. What
 * happened in the current millisecond waits for its end, so that the order of the ids is the order of the events.
 */
export function historySource(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  scope: HistoryScope,
  from: HappenedRow,
): Source {
  let point = from
  let opened = false
  /** Pipelines that may have something new, and when that was announced. Undefined: look through all since `point`. */
  let touched: Map<number, number> | undefined

  function candidates(): readonly number[] {
    if (scope.kind === 'pipeline') return [scope.pipelineId]
    return touched ? [...touched.keys()] : store.eventLists.changedSince(scope.projectId, point.at)
  }

  /** What was announced before this instant has been told; what is of this very millisecond comes with the next look. */
  function settle(ids: readonly number[], now: number): void {
    touched ??= new Map(ids.map((id) => [id, now]))
    for (const [id, at] of touched) if (at < now) touched.delete(id)
  }

  return {
    next() {
      if (!opened) {
        opened = true
        return openingText(textOf(point))
      }
      const now = clock.now()
      const ids = candidates()
      const rows = store.eventLists.happened(ids, point, now, BATCH)
      const last = rows.at(-1)
      if (!last) {
        settle(ids, now)
        return undefined
      }
      point = last
      return rows.map((row) => describe(store, row)).join('')
    },
    ended: () => false,
    concerns(event: PipelineEvent) {
      if (event.type === 'trace') return false
      if (scope.kind === 'pipeline') return event.pipelineId === scope.pipelineId
      if (event.projectId !== scope.projectId) return false
      if (touched && touched.size >= MOST_TOUCHED) touched = undefined
      touched?.set(event.pipelineId, clock.now())
      return true
    },
    lookAgain: () => void (touched = undefined),
  }
}

function describe(store: Store, row: HappenedRow): string {
  const event = EVENT_RANKS[row.rank]
  const data = event && recordOf(store, event, row.id)
  return event && data ? eventText({ id: textOf(row), event, data }) : ''
}

/** Undefined when it was removed meanwhile. */
function recordOf(store: Store, event: (typeof EVENT_RANKS)[number], id: number): unknown {
  if (event === 'pipeline.created' || event === 'pipeline.finished') {
    const pipeline = store.pipelines.find(id)
    if (!pipeline) return undefined
    return event === 'pipeline.created'
      ? createdRecord(store, pipeline)
      : pipelineFinishedRecord(store, pipeline)
  }
  const job = store.jobs.find(id)
  return job && (event === 'job.started' ? startedRecord(job) : jobFinishedRecord(job))
}

/** `<milliseconds>-<rank>-<id>`: where in the history an event is. */
function textOf({ at, rank, id }: HappenedRow): string {
  return `${at}-${rank}-${id}`
}

/** The point that a `Last-Event-ID` names; undefined for what is none. */
export function pointOf(text: string | undefined): HappenedRow | undefined {
  const [, at, rank, id] = /^(\d{1,15})-(\d)-(\d{1,15})$/.exec(text ?? '') ?? []
  return at === undefined ? undefined : { at: Number(at), rank: Number(rank), id: Number(id) }
}
