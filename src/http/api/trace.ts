import type { RequestHandler } from 'express'
import { ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { stream } from '../reply.ts'
import { traceBody } from '../trace-body.ts'
import { findBuild, readJobId } from './jobs.ts'
import { projectRoute } from './route.ts'

/** GitLab: `Gitlab::Ci::Trace::Stream::LIMIT_SIZE`. */
const MOST_BYTES = 512_000

/** `GET …/jobs/:job_id/trace`: the log as its runner wrote it. `byte_offset` and `byte_limit` as GitLab, and `Range` besides. */
export function showTrace(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      ...readJobId(params),
      offset: params.integerIn('byte_offset', 0, Number.MAX_SAFE_INTEGER),
      limit: params.integerIn('byte_limit', 1, MOST_BYTES),
    }),
    ({ project, params }) => {
      const job = findBuild(options, project.id, params.jobId)
      if (!job.ok) return job
      const whole = traceBody(options.store, job.value)
      const headers = {
        'Content-Type': 'text/plain',
        'Content-Disposition': `infile; filename="${job.value.id}.log"`,
      }
      if (params.offset === undefined && params.limit === undefined) return ok(stream(whole, headers))
      const size = whole.size
      const from = Math.min(params.offset ?? 0, size)
      const to = Math.min(size, from + (params.limit ?? size))
      return ok(stream({ size: to - from, open: () => whole.slice(from, to) }, headers))
    },
  )
}
