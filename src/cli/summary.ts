import type { Location } from '../shared/diagnostic.ts'
import type { Status } from '../model/status.ts'
import type { Colors } from './colors.ts'
import { columnsOf, counted, durationText, padded, shellWord } from './words.ts'

/** A job as the summary needs it. */
export interface SummaryJob {
  readonly name: string
  /** Of a job in a pipeline that a trigger job started: what stands before its name, and the id that commands call it by. */
  readonly inside?: { readonly prefix: string; readonly jobId: number }
  /** The pipeline that a trigger job started; null or absent: none. */
  readonly starts?: number | null
  readonly stageIndex: number
  readonly status: Status
  readonly allowFailure: boolean
  readonly scheduling: 'stage' | 'dag'
  readonly needs: readonly string[]
  readonly exitCode: number | null
  readonly failureReason: string | null
  /** Seconds; null when it did not run. */
  readonly duration: number | null
  readonly coverage: number | null
  readonly location: Location | null
  /** The last lines it printed; how many stand before them. */
  readonly tail: readonly string[]
  readonly earlierLines: number
}

/** A pipeline that a trigger job started, also in another's. */
export interface StartedPipeline {
  readonly id: number
  readonly status: Status
  /** The trigger jobs that led to it: `deploy/`. */
  readonly prefix: string
}

export interface SummaryInput {
  readonly started?: readonly StartedPipeline[]
  readonly jobs: readonly SummaryJob[]
  readonly status: Status
  /** Seconds from the command's start. */
  readonly seconds: number
  readonly logFolder: string
  /** What a following command needs to find the same state: ` --state /x`, or nothing. */
  readonly commandSuffix: string
  readonly colors: Colors
}

const outcomes = ['PASS', 'SKIP', 'WAIT', 'MANUAL', 'CANCELED', 'WARN', 'FAIL'] as const
type Outcome = (typeof outcomes)[number]

/** Passes first, failures last, next to the prompt: with the tail of each failure and the commands that lead on. */
export function renderSummary(input: SummaryInput): string {
  const rows = input.jobs.map((job) => ({ job, outcome: outcomeOf(job) }))
  const order = (outcome: Outcome): number => outcomes.indexOf(outcome)
  const width = Math.max(4, ...rows.map(({ outcome }) => outcome.length))
  const names = Math.max(...rows.map(({ job }) => columnsOf(shownName(job))))
  const lines = rows
    .toSorted((a, b) => order(a.outcome) - order(b.outcome))
    .flatMap(({ job, outcome }) => [
      ` ${paint(outcome, input.colors)(outcome.padEnd(width))} ${timeColumn(job)} ${jobColumns(job, outcome, input.jobs, names)}`.trimEnd(),
      ...(outcome === 'FAIL' ? failureLines(job, input) : []),
    ])
  return `${[
    ...lines,
    ...(input.started ?? []).map((started) => startedLine(started, input.colors)),
    lastLine(
      input,
      rows.map(({ outcome }) => outcome),
    ),
  ].join('\n')}\n`
}

function shownName({ inside, name }: SummaryJob): string {
  return `${inside?.prefix ?? ''}${name}`
}

/** GitLab counts them only as far as their trigger job waits for them; whoever reads this wants to know of all. */
function startedLine({ id, status, prefix }: StartedPipeline, colors: Colors): string {
  return `pipeline ${id} ${statusWord(status, colors)} · started by ${prefix.slice(0, -1)}`
}

function outcomeOf(job: SummaryJob): Outcome {
  if (job.status === 'success') return 'PASS'
  if (job.status === 'failed') return job.allowFailure ? 'WARN' : 'FAIL'
  if (job.status === 'canceled') return 'CANCELED'
  if (job.status === 'manual') return 'MANUAL'
  return job.status === 'skipped' ? 'SKIP' : 'WAIT'
}

function paint(outcome: Outcome, colors: Colors): (text: string) => string {
  if (outcome === 'PASS') return colors.green
  if (outcome === 'FAIL') return colors.red
  return outcome === 'WARN' || outcome === 'CANCELED' ? colors.yellow : colors.dim
}

function timeColumn(job: SummaryJob): string {
  return job.duration === null ? ' '.repeat(10) : `[${durationText(job.duration).padStart(8)}]`
}

function jobColumns(job: SummaryJob, outcome: Outcome, jobs: readonly SummaryJob[], names: number): string {
  const notes = [noteOf(job, outcome, jobs)]
  if (job.coverage !== null) notes.push(`${job.coverage}% coverage`)
  if (outcome === 'FAIL' && job.location) notes.push(`${job.location.file}:${job.location.line}`)
  return [padded(shownName(job), names), ...notes.filter((note) => note !== '')].join('    ')
}

function noteOf(job: SummaryJob, outcome: Outcome, all: readonly SummaryJob[]): string {
  const jobs = all.filter(({ inside }) => inside?.prefix === job.inside?.prefix)
  switch (outcome) {
    case 'WARN':
      return `${endOf(job)}, allow_failure`
    case 'FAIL':
      return endOf(job)
    case 'SKIP':
    case 'WAIT':
      return reasonOfSkip(job, jobs)
    case 'MANUAL':
      return job.inside ? `sluice play ${job.inside.jobId}` : `sluice run ${shellWord(job.name)}`
    case 'PASS':
      return job.starts ? `pipeline ${job.starts}` : ''
    case 'CANCELED':
      return ''
  }
}

function endOf(job: SummaryJob): string {
  return job.exitCode === null || job.failureReason !== 'script_failure'
    ? (job.failureReason ?? 'failed')
    : `exit ${job.exitCode}`
}

/** Which jobs held a skipped one back: those it needs, or those of the stages before it. */
function reasonOfSkip(job: SummaryJob, jobs: readonly SummaryJob[]): string {
  const before = jobs.filter((other) =>
    job.scheduling === 'dag' ? job.needs.includes(other.name) : other.stageIndex < job.stageIndex,
  )
  const stopped = before.filter(
    (other) => (other.status === 'failed' || other.status === 'canceled') && !other.allowFailure,
  )
  const named = (
    stopped.length > 0
      ? stopped
      : before.filter((other) => job.needs.includes(other.name) && other.status !== 'success')
  ).map((other) => other.name)
  if (named.length === 0) return ''
  return `needs ${named.slice(0, 3).join(', ')}${named.length > 3 ? ` and ${named.length - 3} more` : ''}`
}

function failureLines(job: SummaryJob, { commandSuffix, colors }: SummaryInput): string[] {
  const name = job.inside ? String(job.inside.jobId) : shellWord(job.name)
  const again = job.inside ? 'retry' : 'run'
  const earlier = job.earlierLines > 0 ? `${counted(job.earlierLines, 'earlier line')}: ` : 'log: '
  return [
    ...job.tail.map((line) => `   ${colors.dim('>')} ${line}`),
    colors.dim(
      `   ${earlier}sluice logs ${name}${commandSuffix}    again: sluice ${again} ${name}${commandSuffix}`,
    ),
  ]
}

function lastLine({ status, seconds, logFolder, colors }: SummaryInput, ended: readonly Outcome[]): string {
  const words: Readonly<Record<Outcome, string>> = {
    PASS: 'passed',
    WARN: ended.filter((outcome) => outcome === 'WARN').length === 1 ? 'warning' : 'warnings',
    FAIL: 'failed',
    SKIP: 'skipped',
    WAIT: 'waiting',
    MANUAL: 'manual',
    CANCELED: 'canceled',
  }
  const counts = (['PASS', 'WARN', 'FAIL', 'SKIP', 'WAIT', 'MANUAL', 'CANCELED'] as const).flatMap(
    (outcome) => {
      const count = ended.filter((other) => other === outcome).length
      return count === 0 ? [] : [`${count} ${words[outcome]}`]
    },
  )
  return [
    `pipeline ${statusWord(status, colors)} in ${durationText(seconds)}`,
    counts.join(', '),
    `logs in ${logFolder}`,
  ].join(' · ')
}

function statusWord(status: Status, colors: Colors): string {
  if (status === 'success') return colors.green('passed')
  return status === 'failed' ? colors.red('failed') : colors.yellow(status)
}
