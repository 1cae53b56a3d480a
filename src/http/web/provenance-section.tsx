import type { Pipeline } from '../../model/pipeline.ts'
import type { Provenance } from '../../model/provenance.ts'
import type { Schedule } from '../../model/schedule.ts'
import type { User } from '../../model/user.ts'
import { jobPath, pipelinePath } from '../urls.ts'
import { Facts } from './facts.tsx'
import { deliveriesPath, schedulePath, triggersPath } from './paths.ts'
import type { upstreamOf } from './related.ts'

/** Everything that led to a pipeline. */
export interface Origin {
  readonly provenance: Provenance | undefined
  readonly user: User | undefined
  readonly schedule: Schedule | undefined
  readonly upstream: ReturnType<typeof upstreamOf>
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
  const { project, pipeline, provenance, user, schedule, upstream, request, maintains } = props
  if (!provenance) return null
  const { trigger } = provenance
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
          'Started by job': upstream && (
            <>
              <a href={jobPath(upstream.pipeline.project, upstream.job.id)}>{upstream.job.name}</a> of{' '}
              <a href={pipelinePath(upstream.pipeline.project, upstream.pipeline.id)}>
                {`${upstream.pipeline.project} #${upstream.pipeline.id}`}
              </a>
            </>
          ),
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
