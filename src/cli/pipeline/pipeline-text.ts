import type { Colors } from '../colors.ts'
import { field } from '../daemon/command.ts'
import { statusColor, statusWord } from '../status-text.ts'
import { terminalText } from '../terminal-text.ts'
import { columnsOf, counted, durationText, padded } from '../words.ts'
import type { RemotePipeline } from './remote-pipeline.ts'

/** `pipeline 42 · main@4f2c1ab8 · trigger · Running · 12.4 s` */
export function pipelineHeadline(pipeline: unknown, colors: Colors): string {
  const word = statusWord(field(pipeline, 'status'))
  const name = field(pipeline, 'name')
  return [
    `pipeline ${field(pipeline, 'id')}${name === '' ? '' : ` "${terminalText(name, false)}"`}`,
    `${field(pipeline, 'ref')}@${field(pipeline, 'sha').slice(0, 8)}`,
    field(pipeline, 'source'),
    statusColor(word, colors)(word),
    // GitLab counts a pipeline's seconds in whole ones.
    field(pipeline, 'duration') === '0' ? '' : secondsText(field(pipeline, 'duration')),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** The jobs stage by stage: status, seconds, name, number, and what else there is to know. */
export function jobsText(jobs: readonly unknown[], colors: Colors, indent = ''): string {
  const rows = jobs.map(jobRow)
  const width = (of: (row: JobRow) => string): number => Math.max(0, ...rows.map((row) => columnsOf(of(row))))
  const [words, times, names] = [
    width(({ word }) => word),
    width(({ time }) => time),
    width(({ name }) => name),
  ]
  let stage: string | undefined
  return rows
    .map((row) => {
      const heading = row.stage === stage ? '' : `${indent}${colors.bold(terminalText(row.stage, false))}\n`
      stage = row.stage
      const paint = statusColor(row.word, colors)
      const line = `${indent}  ${paint(padded(row.word, words))}  ${row.time.padStart(times)}  ${padded(row.name, names)}  ${row.rest}`
      return `${heading}${line.trimEnd()}\n`
    })
    .join('')
}

/** `3 passed, 1 failed, 2 created` */
export function countsText({ jobs }: RemotePipeline): string {
  const words = jobs.map((job) => jobRow(job).word.toLowerCase())
  const counts = [...new Set(words)].map((word) => `${words.filter((each) => each === word).length} ${word}`)
  return counts.length === 0 ? counted(0, 'job') : counts.join(', ')
}

interface JobRow {
  readonly stage: string
  readonly word: string
  readonly time: string
  readonly name: string
  readonly rest: string
}

function jobRow(job: unknown): JobRow {
  return {
    stage: field(job, 'stage'),
    word: statusWord(field(job, 'status'), field(job, 'allow_failure') === 'true'),
    time: secondsText(field(job, 'duration')),
    name: terminalText(field(job, 'name'), false),
    rest: [`#${field(job, 'id')}`, ...notesOf(job)].join('  '),
  }
}

function notesOf(job: unknown): string[] {
  const coverage = field(job, 'coverage')
  const reason = field(job, 'failure_reason')
  const downstream = field(job, 'downstream_pipeline', 'id')
  return [
    ...(reason === '' || reason === 'script_failure' ? [] : [reason]),
    ...(coverage === '' ? [] : [`${coverage}% coverage`]),
    ...(downstream === ''
      ? []
      : [`-> pipeline ${downstream} ${statusWord(field(job, 'downstream_pipeline', 'status'))}`]),
  ]
}

function secondsText(seconds: string): string {
  return seconds === '' ? '' : durationText(Number(seconds))
}
