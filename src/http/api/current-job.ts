import type { RequestHandler } from 'express'
import { err, ok } from '../../shared/result.ts'
import type { HttpOptions } from '../options.ts'
import { json } from '../reply.ts'
import { presentJob } from './present.ts'
import { userRoute } from './route.ts'

/** `GET /job`: the job whose token was sent. GitLab: with any other token there is none. */
export function showCurrentJob(options: HttpOptions): RequestHandler {
  return userRoute(
    options,
    () => ({}),
    async ({ job }) => {
      const project = job && options.projects.find(String(job.projectId))
      if (!job || !project) return err({ kind: 'not_found', what: 'Job' })
      return ok(json(200, await presentJob(options, project, job)))
    },
    { jobToken: true },
  )
}
