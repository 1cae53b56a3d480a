import type { RequestHandler } from 'express'
import type { Job } from '../../model/job.ts'
import { variable, type Variable } from '../../model/variable.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { VerbRefusal } from '../../pipeline/verbs.ts'
import type { HttpOptions } from '../options.ts'
import { hasRole } from '../permissions.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { readInputs } from './create-pipeline.ts'
import { forRole } from './guards.ts'
import { findBuild, findProcessable, readJobId } from './jobs.ts'
import type { ParamReader } from './param-reader.ts'
import { presentJob } from './present.ts'
import { projectRoute, type Answer, type ProjectVisit } from './route.ts'
import { verbProblem } from './verb-problem.ts'

/** `POST …/jobs/:job_id/play`: 200, not 201 (GitLab). */
export function playJob(options: HttpOptions): RequestHandler {
  return startingVerb(options, { verb: 'play', inputs: 'job_inputs', status: 200 })
}

/** `POST …/jobs/:job_id/retry`: the new job. Bridges too. Variables as for `play` are ours: on GitLab only its page takes them. */
export function retryJob(options: HttpOptions): RequestHandler {
  return startingVerb(options, { verb: 'retry', inputs: 'inputs', status: 201 })
}

/** Both start a job with what is given for it; `inputs` is GitLab's parameter of that name. */
function startingVerb(
  options: HttpOptions,
  { verb, inputs: name, status }: { verb: 'play' | 'retry'; inputs: string; status: number },
): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      ...readJobId(params),
      variables: params.items('job_variables_attributes', readVariable) ?? [],
      inputs: readInputs(params, name),
    }),
    (visit) => {
      const { jobId, variables, inputs } = visit.params
      const job = findProcessable(options, visit.project.id, jobId)
      if (!job.ok) return job
      const refused = refusedKeys(variables)
      if (refused) return err(refused)
      return forRole<typeof visit.params>(options, 'developer', (allowed) =>
        answer(
          options,
          allowed,
          status,
          options.engine.verbs[verb](jobId, given(allowed, variables, inputs)),
        ),
      )(visit)
    },
  )
}

/** `POST …/jobs/:job_id/cancel`. GitLab: a job that cannot be canceled is answered 201, unchanged. */
export function cancelJob(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ ...readJobId(params), force: params.flag('force') ?? false }),
    (visit) => {
      const { jobId, force } = visit.params
      // GitLab: forcing is for maintainers.
      const least = force ? 'maintainer' : 'developer'
      const job = findBuild(options, visit.project.id, jobId)
      if (!job.ok) return job
      return forRole<typeof visit.params>(options, least, (allowed) => {
        const canceled = options.engine.verbs.cancel(jobId, { force })
        const unchanged = !canceled.ok && canceled.error.reason === 'not_cancelable'
        return answer(options, allowed, 201, unchanged ? ok(jobId) : canceled)
      })(visit)
    },
  )
}

/** `POST …/jobs/:job_id/erase`. GitLab: for maintainers, and for developers their own jobs. */
export function eraseJob(options: HttpOptions): RequestHandler {
  return projectRoute(options, readJobId, (visit) => {
    const { jobId } = visit.params
    const job = findBuild(options, visit.project.id, jobId)
    if (!job.ok) return job
    if (!mayErase(options, visit, job.value)) return err({ kind: 'forbidden', reason: null })
    return answer(options, visit, 201, options.engine.verbs.erase(jobId, { userId: visit.user.id }))
  })
}

/** `POST …/jobs/:job_id/unschedule`, a page's verb on GitLab. */
export function unscheduleJob(options: HttpOptions): RequestHandler {
  return projectRoute(options, readJobId, (visit) => {
    const job = findBuild(options, visit.project.id, visit.params.jobId)
    if (!job.ok) return job
    return forRole<typeof visit.params>(options, 'developer', (allowed) =>
      answer(options, allowed, 200, options.engine.verbs.unschedule(allowed.params.jobId)),
    )(visit)
  })
}

function mayErase<T>({ store }: HttpOptions, { user, project }: ProjectVisit<T>, job: Job): boolean {
  const maker = job.userId ?? store.pipelines.find(job.pipelineId)?.userId
  return hasRole(store, user.id, project.id, maker === user.id ? 'developer' : 'maintainer')
}

async function answer<T>(
  options: HttpOptions,
  { project }: ProjectVisit<T>,
  status: number,
  done: Result<number, VerbRefusal>,
): Promise<Answer> {
  if (!done.ok) return err(verbProblem(done.error))
  const job = options.store.jobs.find(done.value)
  return job ? ok(json(status, await presentJob(options, project, job))) : err({ kind: 'record_not_found' })
}

function given<T>(
  { user }: ProjectVisit<T>,
  variables: readonly Variable[],
  inputs: Readonly<Record<string, unknown>>,
) {
  return {
    userId: user.id,
    ...(variables.length > 0 ? { variables } : {}),
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
  }
}

/** GitLab: of a job's own variables the model checks the keys. */
function refusedKeys(variables: readonly Variable[]): Problem | undefined {
  if (variables.every(({ key }) => /^\w{1,255}$/.test(key))) return undefined
  const errors = { 'job_variables.key': ["can contain only letters, digits and '_'."] }
  return { kind: 'invalid_record', errors }
}

function readVariable(params: ParamReader): Variable {
  return variable(params.presentText('key') ?? '', params.presentText('value') ?? '', 'manual')
}
