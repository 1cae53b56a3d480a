import { setImmediate as others } from 'node:timers/promises'
import type { RetentionRules } from '../../model/retention.ts'
import type { Store } from '../../store/store.ts'
import { makeJudge } from './judge.ts'
import { isHeld, removeArtifacts, removeFamily, removeLogs } from './remove.ts'

/** What a look at one project has removed. */
export interface Removed {
  /** Ids, to be forgotten elsewhere too. */
  readonly pipelines: number[]
  readonly logs: number
  readonly artifacts: number
  readonly deliveries: number
}

const PAGE = 50
const DELIVERIES_AT_ONCE = 200

export interface RoundOptions {
  readonly rules: RetentionRules
  /** Ms. */
  readonly now: number
  /** True: the process ends, and the rest waits for the next start. */
  readonly stopped: () => boolean
  /** Removes a pipeline that has not ended, and forgets it; false when another process works on it. */
  removeUnfinished(pipelineId: number): boolean
}

/** Removes of a project's past what its rules do not keep, in steps between which others have their turn. */
export async function makeRoomIn(store: Store, projectId: number, options: RoundOptions): Promise<Removed> {
  const judge = makeJudge(options.rules, options.now)
  const pipelines: number[] = []
  let logs = 0
  let artifacts = 0
  for (let below = Number.MAX_SAFE_INTEGER; !options.stopped();) {
    const page = store.retention.page(projectId, below, PAGE)
    for (const row of page) {
      if (options.stopped()) break
      const verdict = judge(row)
      if (verdict.pipeline === 'remove') {
        const gone =
          row.finishedAt === null
            ? await removeWaiting(store, row.id, options)
            : await removeFamily(store, row.id)
        pipelines.push(...gone)
        continue
      }
      if (verdict.logs === 'remove') logs += await removeLogs(store, row.id)
      if (verdict.artifacts !== 'keep' && !store.retention.isFamilyAtWork(row.id)) {
        const all = verdict.artifacts === 'all'
        artifacts += await removeArtifacts(store, row.id, { all, now: options.now })
      }
    }
    await others()
    below = page.at(-1)?.id ?? 0
    if (page.length < PAGE) break
  }
  const deliveries = await forgetDeliveries(store, projectId, options)
  return { pipelines, logs, artifacts, deliveries }
}

/** One that nobody played. Its files are the most of it, and go in steps. */
async function removeWaiting(store: Store, id: number, options: RoundOptions): Promise<number[]> {
  if (isHeld(store, id)) return []
  await removeLogs(store, id)
  await removeArtifacts(store, id, { all: true, now: options.now })
  const stillWaits = store.pipelines.find(id)?.status === 'manual'
  return stillWaits && options.removeUnfinished(id) ? [id] : []
}

/** The newest fill the bounds; the rest is forgotten. */
async function forgetDeliveries(store: Store, projectId: number, options: RoundOptions): Promise<number> {
  const { ageMs, count, bytes } = options.rules.deliveries
  if (ageMs === Infinity && count === Infinity && bytes === Infinity) return 0
  let [seen, size, dropped] = [0, 0, 0]
  for (let below = Number.MAX_SAFE_INTEGER; !options.stopped();) {
    const page = store.deliveryRetention.page(projectId, below, DELIVERIES_AT_ONCE)
    const tooMuch = page.filter((row) => {
      seen++
      size += row.size
      return options.now - row.receivedAt > ageMs || seen > count || size > bytes
    })
    if (tooMuch.length > 0)
      store.write('normal', () => {
        for (const row of tooMuch) store.deliveryRetention.drop(row)
      })
    dropped += tooMuch.length
    if (page.length < DELIVERIES_AT_ONCE) break
    below = page.at(-1)?.id ?? 0
    await others()
  }
  return dropped
}
