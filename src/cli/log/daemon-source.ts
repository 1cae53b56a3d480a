import { closest } from '../../shared/closest.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Client } from '../daemon/client.ts'
import { field, type RemoteFlags } from '../daemon/command.ts'
import { followEvents } from '../daemon/server-events.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { newestPipeline } from '../pipeline/find-pipeline.ts'
import { readPipeline } from '../pipeline/remote-pipeline.ts'
import type { LogSource, LoggedJob } from './log-source.ts'

/** Pages of a project's jobs, a hundred each, in which a name is looked for. */
const MOST_PAGES = 20

/** The logs of a daemon's project. */
export function daemonSource(
  client: Client,
  base: string,
  pipelineId: number | undefined,
  flags: RemoteFlags,
): LogSource {
  return {
    find: (wanted) => findJob(client, base, wanted, pipelineId),
    async failed() {
      const id =
        pipelineId === undefined ? await newestPipeline(client, base, undefined, flags) : ok(pipelineId)
      const seen = id.ok ? await readPipeline(client, base, id.value) : id
      if (!seen.ok) return seen
      return ok(seen.value.jobs.map(toJob).filter(({ status }) => status === 'failed'))
    },
    async stored(job) {
      return await client.stream(`${base}/jobs/${job.id}/trace`)
    },
    follow(job, from, on) {
      const path = `${base}/jobs/${job.id}/events/stream${from > 0 ? `?last_event_id=${from}` : ''}`
      return followEvents(client, path, ({ event, data }) => {
        if (event === 'job.log') on(Buffer.from(field(data, 'text')))
        return event !== 'job.finished'
      })
    },
  }
}

/** Of the newest pipeline that has such a job its latest attempt; a number that is no job's name is an id. */
async function findJob(
  client: Client,
  base: string,
  wanted: string,
  pipelineId: number | undefined,
): Promise<Result<LoggedJob, Failure>> {
  const named = await (pipelineId === undefined
    ? inProject(client, base, wanted)
    : inPipeline(client, base, wanted, pipelineId))
  if (!named.ok) return named
  if ('job' in named.value) return ok(toJob(named.value.job))
  if (/^\d{1,15}$/.test(wanted)) {
    const byId = await client.call(`${base}/jobs/${wanted}`)
    if (byId.ok) return ok(toJob(byId.value.body))
    if (byId.error.status !== 404) return byId
  }
  const where = pipelineId === undefined ? 'in its newest pipelines' : `in pipeline ${pipelineId}`
  const near = closest(wanted, named.value.names)
  return err(usageFailure('job.unknown', `no job "${wanted}" ${where}`, near ? `"${near}" is close` : null))
}

type Search = { readonly job: unknown } | { readonly names: ReadonlySet<string> }

async function inPipeline(
  client: Client,
  base: string,
  wanted: string,
  pipelineId: number,
): Promise<Result<Search, Failure>> {
  const seen = await readPipeline(client, base, pipelineId)
  return seen.ok ? ok(search(seen.value.jobs, wanted)) : seen
}

async function inProject(client: Client, base: string, wanted: string): Promise<Result<Search, Failure>> {
  const names = new Set<string>()
  for (let page = 1; page <= MOST_PAGES; page++) {
    const answer = await client.call(`${base}/jobs`, { query: { per_page: 100, page } })
    if (!answer.ok) return answer
    const jobs = Array.isArray(answer.value.body) ? (answer.value.body as unknown[]) : []
    const found = search(jobs, wanted)
    if ('job' in found) return ok(found)
    for (const name of found.names) names.add(name)
    if (jobs.length < 100) break
  }
  return ok({ names })
}

function search(jobs: readonly unknown[], wanted: string): Search {
  const number = (job: unknown, ...path: readonly string[]): number => Number(field(job, ...path))
  const [job] = jobs
    .filter((each) => field(each, 'name') === wanted)
    .toSorted(
      (a, b) =>
        number(b, 'pipeline', 'id') - number(a, 'pipeline', 'id') || number(b, 'id') - number(a, 'id'),
    )
  return job === undefined ? { names: new Set(jobs.map((each) => field(each, 'name'))) } : { job }
}

function toJob(job: unknown): LoggedJob {
  return { id: Number(field(job, 'id')), name: field(job, 'name'), status: field(job, 'status') }
}
