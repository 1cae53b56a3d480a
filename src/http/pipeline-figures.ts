import type { Pipeline } from '../model/pipeline.ts'
import type { JobFigures } from '../store/jobs.ts'
import { isCompleted } from '../model/status.ts'

/** What a pipeline's latest jobs add up to. */
export interface PipelineFigures {
  /** Whole seconds in which at least one job ran; null until the pipeline is over or when no job started. */
  readonly duration: number | null
  /** Whole seconds from creation to the first job; null when that is none. */
  readonly queuedDuration: number | null
  /** Average of the jobs' coverage with two decimals, as a text. */
  readonly coverage: string | null
  /** A job that may fail did. */
  readonly warnings: boolean
}

export function pipelineFigures(pipeline: Pipeline, jobs: readonly JobFigures[]): PipelineFigures {
  return {
    duration:
      isCompleted(pipeline.status) && pipeline.startedAt !== null
        ? Math.floor(timeCovered(jobs) / 1000)
        : null,
    queuedDuration:
      pipeline.startedAt === null
        ? null
        : Math.floor((pipeline.startedAt - pipeline.createdAt) / 1000) || null,
    coverage: averageCoverage(jobs),
    warnings: jobs.some((job) => job.allowFailure && (job.status === 'failed' || job.status === 'canceled')),
  }
}

/** GitLab (Ci::Pipeline::Duration): the length of the union of the jobs' running times, queue and gaps left out. */
function timeCovered(jobs: readonly JobFigures[]): number {
  const periods = jobs
    .flatMap(({ startedAt, finishedAt }) =>
      startedAt === null || finishedAt === null ? [] : [{ startedAt, finishedAt }],
    )
    .toSorted((a, b) => a.startedAt - b.startedAt)
  let covered = 0
  let until = -Infinity
  for (const { startedAt, finishedAt } of periods) {
    covered += Math.max(0, finishedAt - Math.max(startedAt, until))
    until = Math.max(until, finishedAt)
  }
  return covered
}

function averageCoverage(jobs: readonly JobFigures[]): string | null {
  const measured = jobs.flatMap((job) => job.coverage ?? [])
  if (measured.length === 0) return null
  return (measured.reduce((sum, coverage) => sum + coverage, 0) / measured.length).toFixed(2)
}
