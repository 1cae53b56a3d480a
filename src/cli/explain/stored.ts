import { guessTier } from '../../ci/variables/environment-tier.ts'
import type { EnvironmentFacts } from '../../ci/variables/predefined-environment.ts'
import type { Job } from '../../model/job.ts'
import type { Variable } from '../../model/variable.ts'
import { provenanceOf } from '../../pipeline/provenance.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { readArchive, type Archive, type ArchiveFlags } from '../archive.ts'
import type { CommandContext } from '../context.ts'
import { usageFailure, type Failure } from '../failure.ts'
import type { Explained } from './explained.ts'

/** The answer that was stored when a pipeline was made. */
export async function readStored(
  id: number,
  flags: ArchiveFlags,
  context: CommandContext,
): Promise<Result<Explained, Failure>> {
  const archive = await readArchive(flags, context)
  return archive.ok ? explainStored(archive.value, id) : archive
}

function explainStored(archive: Archive, pipelineId: number): Result<Explained, Failure> {
  const pipeline = archive.pipelines.find(pipelineId)
  if (!pipeline)
    return err(usageFailure('pipeline.unknown', `no pipeline ${pipelineId} is kept in ${archive.stateDir}`))
  const trace = archive.configs.traceOf(pipelineId)
  const variables = archive.configs.variablesOf(pipelineId)
  const heads = archive.jobs.headsOf(pipelineId)
  return ok({
    source: pipeline.source,
    ref: pipeline.ref,
    sha: pipeline.sha,
    workflow: trace?.workflow ?? [],
    verdicts: trace?.jobs ?? [],
    message: pipeline.configError,
    variables: {
      predefined: variables?.predefined ?? [],
      global: trace?.variables ?? [],
      user: variables?.user ?? [],
      project: variables?.project ?? [],
      pipeline: archive.pipelineVariables.of(pipelineId),
      ofJob: (name) => {
        const head = heads.find((job) => job.name === name)
        return head && archive.jobs.optionsOf(head.id).variables
      },
      environmentOf: (name) => {
        const head = heads.find((job) => job.name === name)
        return environmentOf(head && archive.jobs.find(head.id))
      },
      note: (variable) => noteOf(variable, archive, pipelineId),
    },
    origin: { kind: 'stored', pipelineId, archive },
  })
}

function environmentOf(job: Job | undefined): EnvironmentFacts | null {
  if (!job || job.environment === null) return null
  const { environment } = job.options
  return {
    name: job.environment,
    action: environment?.action ?? 'start',
    tier: environment?.deploymentTier ?? guessTier(job.environment),
    url: environment?.url ?? null,
  }
}

function noteOf({ origin }: Variable, archive: Archive, pipelineId: number): string | null {
  if (origin !== 'trigger') return null
  const { trigger, received_at: received } = provenanceOf(archive, pipelineId, () => false) ?? {}
  if (!trigger) return null
  const when = received ? `, ${received.slice(0, 19).replace('T', ' ')} UTC` : ''
  return `token "${trigger.description}" (${trigger.short_token}…)${when}`
}
