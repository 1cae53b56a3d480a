import { setTimeout } from 'node:timers/promises'
import { isCompleted } from '../../model/status.ts'
import { closest } from '../../shared/closest.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Archive } from '../archive.ts'
import { usageFailure, type Failure } from '../failure.ts'
import type { LogSource, LoggedJob } from './log-source.ts'

/** Between two looks at a job of another process. Milliseconds. */
const LOOK_EVERY_MS = 200

type FoundJob = NonNullable<ReturnType<Archive['jobs']['find']>>

/** The logs of a state folder. */
export function archiveSource(archive: Archive, pipelineId: number | undefined): LogSource {
  const { traces, jobs } = archive

  function pathOf(job: LoggedJob): string {
    const row = jobs.find(job.id)
    return row ? traces.pathOf(row) : ''
  }

  async function* bytesFrom(path: string, from: number, to: number): AsyncGenerator<Uint8Array> {
    if (to > from) for await (const chunk of traces.read(path, from, to)) yield chunk as Buffer
  }

  return {
    find: (wanted) => Promise.resolve(findJob(archive, wanted, pipelineId)),
    failed() {
      const [chosen] = pipelineId === undefined ? newestPipelines(archive) : [pipelineId]
      const heads = chosen === undefined ? [] : jobs.headsOf(chosen)
      return Promise.resolve(ok(heads.filter(({ status }) => status === 'failed')))
    },
    stored(job) {
      const path = pathOf(job)
      return Promise.resolve(ok(bytesFrom(path, 0, traces.sizeOf(path))))
    },
    async follow(job, from, on) {
      const path = pathOf(job)
      for (let offset = from; ;) {
        // The state first: when the job has ended, all that is read after it is all that there is.
        const status = jobs.statusOf(job.id)
        const size = traces.sizeOf(path)
        for await (const bytes of bytesFrom(path, offset, size)) on(bytes)
        offset = Math.max(offset, size)
        if (status === undefined || isCompleted(status) || status === 'manual') return ok(true)
        await setTimeout(LOOK_EVERY_MS)
      }
    },
  }
}

/** Newest pipelines are looked at first; of several attempts the latest counts. A number that is no job's name is an id. */
function findJob(
  archive: Archive,
  wanted: string,
  pipelineId: number | undefined,
): Result<FoundJob, Failure> {
  const pipelines = pipelineId === undefined ? newestPipelines(archive) : [pipelineId]
  const names = new Set<string>()
  for (const id of pipelines) {
    const jobs = archive.jobs.headsOf(id)
    const head = jobs.find(({ name }) => name === wanted)
    const job = head && archive.jobs.find(head.id)
    if (job) return ok(job)
    for (const { name } of jobs) names.add(name)
  }
  const byId = /^\d+$/.test(wanted) ? archive.jobs.find(Number(wanted)) : undefined
  if (byId && (pipelineId === undefined || byId.pipelineId === pipelineId)) return ok(byId)
  const where = pipelineId === undefined ? 'in any pipeline that is kept' : `in pipeline ${pipelineId}`
  const near = closest(wanted, names)
  return err(usageFailure('job.unknown', `no job "${wanted}" ${where}`, near ? `"${near}" is close` : null))
}

/** A state folder of `sluice run` has project 1; of other projects the finished ones are found. */
function newestPipelines(archive: Archive): number[] {
  const own = archive.pipelines.newest(1, 1000).map(({ id }) => id)
  return [...new Set([...own, ...archive.pipelines.settledIds()])].toSorted((a, b) => b - a)
}
