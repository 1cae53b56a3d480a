// GitLab's rules as tables, written a second time and in another way than in src: the simulator compares the two.
import type { JobSpec } from './specs.ts'

/** A row of `jobs`, as the tables see it. */
export interface Counted {
  readonly status: string
  readonly allowFailure: boolean
}

const DONE = new Set(['success', 'failed', 'canceled', 'skipped'])
export const isDone = (status: string): boolean => DONE.has(status)

/** What a pipeline's cancel ends; `manual` stays and `canceling` is on its way. */
export const isCancelable = (status: string): boolean =>
  !isDone(status) && status !== 'manual' && status !== 'canceling'

function wordOf({ status, allowFailure }: Counted): string {
  if (allowFailure && (status === 'failed' || status === 'canceled')) return 'SW'
  return allowFailure && status === 'manual' ? 'IG' : status
}

/** The rows of GitLab's composite status from the top: `only` covers the whole set, `any` is in it. */
const ROWS: readonly (readonly ['only' | 'any', string, string])[] = [
  ['only', 'skipped IG', 'skipped'],
  ['only', 'success skipped SW IG', 'success'],
  ['only', 'created SW IG', 'created'],
  ['only', 'preparing SW IG', 'preparing'],
  ['only', 'canceled success skipped SW IG', 'canceled'],
  ['only', 'pending created skipped SW IG', 'pending'],
  ['any', 'running pending', 'running'],
  ['any', 'waiting_for_resource', 'waiting_for_resource'],
  ['any', 'waiting_for_callback', 'waiting_for_callback'],
  ['any', 'manual', 'manual'],
  ['any', 'scheduled', 'scheduled'],
  ['any', 'preparing', 'preparing'],
  ['any', 'created', 'running'],
  ['any', 'canceling', 'canceling'],
]
const PARSED = ROWS.map(([how, words, result]) => ({ how, words: new Set(words.split(' ')), result }))

export function composite(jobs: readonly Counted[], dag = false): string {
  if (jobs.length === 0) return 'success'
  const words = jobs.map(wordOf)
  if (dag && words.some((word) => word === 'skipped' || word === 'IG')) return 'skipped'
  for (const row of PARSED) {
    const holds = (word: string): boolean => row.words.has(word)
    if (row.how === 'only' ? words.every(holds) : words.some(holds)) return row.result
  }
  return 'failed'
}

const ALLOWED: Readonly<Record<string, readonly [stage: string, dag: string, move: string]>> = {
  on_success: ['success skipped', 'success', 'pending'],
  manual: ['success skipped', 'success', 'manual'],
  delayed: ['success skipped', 'success', 'scheduled'],
  on_failure: ['failed', 'failed', 'pending'],
  always: ['success failed skipped', 'success failed skipped', 'pending'],
}

/** Where a created job goes after what came before; undefined: it has to wait. */
export function moveAfter(when: string, before: readonly Counted[], dag: boolean): string | undefined {
  const previous = composite(before, dag)
  if (!isDone(previous)) return undefined
  const [stage, needs, move] = ALLOWED[when] ?? ['', '', '']
  return (dag ? needs : stage).split(' ').includes(previous) ? move : 'skipped'
}

/** From → to, by GitLab's events; bridges are not bound by it. */
const EVENTS: Readonly<Record<string, string>> = {
  created: 'pending waiting_for_resource manual scheduled skipped canceled failed',
  waiting_for_resource: 'pending canceled failed skipped',
  // To the waiting ones: only a job whose process died.
  pending: 'running canceled failed skipped waiting_for_resource',
  running: 'success failed canceling canceled',
  canceling: 'canceled',
  manual: 'pending waiting_for_resource canceled',
  scheduled: 'pending waiting_for_resource manual canceled failed',
  skipped: 'created pending waiting_for_resource manual scheduled',
  success: '',
  failed: '',
  canceled: '',
}

export const isLegal = (from: string, to: string): boolean => (EVENTS[from] ?? '').split(' ').includes(to)

/** Whether a failure is tried again by itself; `tried`: how many attempts there were, this one included. */
export function triesAgain(spec: JobSpec, tried: number, reason: string, exitCode: number | null): boolean {
  const hopeless = ['missing_dependency_failure', 'environment_creation_failure', 'no_matching_runner']
  if (hopeless.includes(reason) || spec.retry === null) return false
  const fits =
    spec.retry.when.includes('always') ||
    spec.retry.when.includes(reason) ||
    (exitCode !== null && spec.retry.exitCodes.includes(exitCode))
  return fits && spec.retry.max > tried - 1
}

/** What a bridge becomes by its downstream pipeline; undefined: it goes on waiting. */
export function bridgeAfter(strategy: 'depend' | 'mirror' | null, downstream: string): string | undefined {
  if (strategy === null) return 'success'
  if (['success', 'failed', 'canceled'].includes(downstream)) return downstream
  if (downstream === 'skipped') return strategy === 'mirror' ? 'skipped' : 'failed'
  return downstream === 'manual' && strategy === 'mirror' ? 'manual' : undefined
}
