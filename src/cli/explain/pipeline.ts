import { columnsOf, counted, padded } from '../words.ts'
import { headline } from './job.ts'
import type { Explained } from './explained.ts'
import { locationRecord, stepRecord } from './records.ts'
import { placeText, stepsText } from './steps-text.ts'

/** Every job with what decided about it. */
export function pipelineText(pipeline: Explained): string {
  const { verdicts, workflow, message } = pipeline
  const inside = verdicts.filter((verdict) => verdict.in).length
  const name = Math.min(40, Math.max(0, ...verdicts.map(({ job }) => columnsOf(job))))
  const stage = Math.max(0, ...verdicts.map((verdict) => columnsOf(verdict.stage)))
  const lines = verdicts.map((verdict) => {
    const about = `${padded(verdict.job, name)}  ${padded(verdict.stage, stage)}`
    return `  ${verdict.in ? 'in ' : 'out'}  ${about}  ${verdict.because.replaceAll(/\s*\n\s*/g, ' ')}  ${placeText(verdict)}\n`
  })
  const count = `${inside} of ${counted(verdicts.length, 'job')}`
  return [
    `${headline(pipeline)}   ${count}\n`,
    message === null ? '' : `  ${message}\n`,
    stepsText([{ owner: 'workflow', steps: workflow }]),
    ...lines,
  ].join('')
}

export function pipelineRecord(pipeline: Explained) {
  const { source, ref, sha, message, workflow, verdicts } = pipeline
  return {
    what: 'pipeline',
    source,
    ref,
    sha,
    message,
    workflow: workflow.map(stepRecord),
    jobs: verdicts.map(({ job, stage, in: isIn, because, steps, location }) => ({
      name: job,
      stage,
      in: isIn,
      because,
      ...locationRecord(location),
      steps: steps.map(stepRecord),
    })),
  }
}
