import type { Pipeline } from '../../model/pipeline.ts'
import type { Provenance, Upstream } from '../../model/provenance.ts'
import type { Schedule } from '../../model/schedule.ts'
import type { User } from '../../model/user.ts'
import { VIA_WORDS } from '../../pipeline/upstream-chain.ts'
import { jobPath, pipelinePath } from '../urls.ts'
import { Facts } from './facts.tsx'
import { deliveriesPath, schedulePath, triggersPath } from './paths.ts'

/** Everything that led to a pipeline. */
export interface Origin {
  readonly provenance: Provenance | undefined
  readonly user: User | undefined
  readonly schedule: Schedule | undefined
  /** Number of the trigger request. */
  readonly request: number | null
}

interface ProvenanceSectionProps extends Origin {
  readonly project: string
  readonly pipeline: Pipeline
  /** The visitor may see triggers and their deliveries. */
  readonly maintains: boolean
}

export function ProvenanceSection(props: ProvenanceSectionProps) {
  const { project, pipeline, provenance, user, schedule, request, maintains } = props
  if (!provenance) return null
  const { trigger, upstream = [] } = provenance
  return (
    <section aria-labelledby="provenance">
      <h2 id="provenance">Provenance</h2>
      <Facts
        facts={{
          Source: provenance.source,
          Trigger: trigger && (
            <>
              {maintains ? (
                <a href={`${triggersPath(project)}#trigger-${trigger.id}`}>{trigger.description}</a>
              ) : (
                trigger.description
              )}{' '}
              (<code>{trigger.short_token}</code>)
            </>
          ),
          Schedule: schedule && <a href={schedulePath(project, schedule.id)}>{schedule.description}</a>,
          'Started by job': upstream.length === 0 ? null : <Chain upstream={upstream} />,
          'Runs as': user ? `${user.name} (${user.username})` : 'nobody',
          Address: provenance.remote_address,
          'User agent': provenance.user_agent,
          Form: provenance.form,
          Received: provenance.received_at,
          Request:
            request === null || !maintains ? null : (
              <a href={`${deliveriesPath(project)}#request-${request}`}>{`#${request}`}</a>
            ),
          Ref: <code>{pipeline.ref}</code>,
          Commit: <code>{provenance.sha}</code>,
          Configuration: provenance.config_sha256 && <code>{`sha256 ${provenance.config_sha256}`}</code>,
        }}
      />
    </section>
  )
}

/** From the job that started the pipeline up to what no job started. */
function Chain({ upstream }: { readonly upstream: readonly Upstream[] }) {
  return (
    <ol class="chain">
      {upstream.map(({ via, job, pipeline, project: { path_with_namespace: path } }) => (
        <li key={job.id}>
          <a href={jobPath(path, job.id)}>{job.name}</a>
          {' of '}
          <a href={pipelinePath(path, pipeline.id)}>{`${path} #${pipeline.id}`}</a>
          {`, ${pipeline.tag ? 'tag' : 'branch'} `}
          <code>{pipeline.ref}</code>
          {` (${startOf(pipeline)}), by ${VIA_WORDS[via]}`}
        </li>
      ))}
    </ol>
  )
}

function startOf({ source, trigger }: Upstream['pipeline']): string {
  return trigger ? `${source} "${trigger.description}"` : source
}
