import type { Provenance, RequestForm, Upstream } from '../../model/provenance.ts'
import type { PipelineSource } from '../../model/source.ts'
import { readableTime } from './moment.tsx'

const FORMS: Readonly<Record<RequestForm, string>> = {
  multipart: 'multipart form',
  urlencoded: 'urlencoded form',
  query: 'query string',
  json: 'JSON',
  webhook: 'web hook',
}

const SOURCES: Partial<Readonly<Record<PipelineSource, string>>> = {
  push: 'Started by a push',
  web: 'Started from the page',
  schedule: 'Started by a schedule',
  api: 'Started through the API',
  pipeline: 'Triggered by a job of another pipeline (job token)',
  parent_pipeline: 'Started by a job of its parent pipeline',
  merge_request_event: 'Started for a merge request',
}

/**
 * Why a pipeline exists, in one sentence:
 * `Triggered by "seed document" (TOKE) from 127.0.0.1, multipart form, curl/7.88.1, 2016-08-11 11:28:34 UTC, as Administrator.`
 * A trigger's token that a job sent: `Triggered by "seed document" (TOKE) in job build_docs of group/a, pipeline #3, tag v1.0, from …`.
 * `userName` null: it runs as nobody, as pipelines of legacy triggers do.
 */
export function causeOf(provenance: Provenance, userName: string | null): string {
  const who = provenance.source === 'trigger' ? triggerWords(provenance) : sourceWords(provenance)
  const from = provenance.remote_address ? `${who} from ${provenance.remote_address}` : who
  const parts = [
    from,
    provenance.form && FORMS[provenance.form],
    provenance.user_agent,
    provenance.received_at && readableTime(Date.parse(provenance.received_at)),
    userName === null ? runsAsNobody(provenance.source) : `as ${userName}`,
  ]
  return `${parts.filter((part) => part !== null && part !== '').join(', ')}.`
}

function triggerWords({ trigger, upstream: [job] = [] }: Provenance): string {
  const token = trigger
    ? `Triggered by "${trigger.description}" (${trigger.short_token})`
    : 'Triggered by a token that is no longer there'
  return job ? `${token} in ${jobWords(job)},` : token
}

/** `job build_docs of group/a, pipeline #3, tag v1.0` */
function jobWords({ job, pipeline, project }: Upstream): string {
  const ref = `${pipeline.tag ? 'tag' : 'branch'} ${pipeline.ref}`
  return `job ${job.name} of ${project.path_with_namespace}, pipeline #${pipeline.id}, ${ref}`
}

function sourceWords({ source, upstream: [job] = [] }: Provenance): string {
  if (source === 'pipeline' && job) {
    const by = `Triggered by ${jobWords(job)}`
    return job.via === 'job_token' ? `${by} (job token)` : by
  }
  return SOURCES[source] ?? `Started by ${source.replaceAll('_', ' ')}`
}

function runsAsNobody(source: PipelineSource): string | null {
  return source === 'trigger' ? 'as nobody: a legacy trigger has no owner' : null
}
