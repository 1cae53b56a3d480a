import type { Commit } from '../../../model/commit.ts'
import type { Job } from '../../../model/job.ts'
import type { Pipeline } from '../../../model/pipeline.ts'
import { isCompleted } from '../../../model/status.ts'
import type { User } from '../../../model/user.ts'
import type { ArtifactRow } from '../../../store/artifacts.ts'
import { elapsedSeconds } from '../../../shared/elapsed.ts'
import { isoTime } from '../../times.ts'
import { jobPath } from '../../urls.ts'
import { commitEntity } from './commit.ts'
import { pipelineBasic, type Place } from './pipeline-basic.ts'
import { LOCAL_RUNNER } from './runner.ts'
import { userProfile } from './user.ts'

/** What an entity says beyond its row. */
export interface JobFacts extends Place {
  readonly pipeline: Pipeline
  readonly user: User
  /** Undefined when the repository no longer has it. */
  readonly commit: Commit | undefined
  readonly artifacts: readonly ArtifactRow[]
  /** Milliseconds since the epoch: what runs or waits is measured up to here. */
  readonly now: number
}

/** What jobs and bridges share. */
export function jobBasic(job: Job, facts: Omit<JobFacts, 'artifacts'>) {
  const { pipeline, commit, externalUrl, projectName } = facts
  return {
    id: job.id,
    status: job.status,
    stage: job.stage,
    name: job.name,
    ref: pipeline.ref,
    tag: pipeline.tag,
    coverage: job.coverage,
    allow_failure: job.allowFailure,
    created_at: isoTime(job.createdAt),
    started_at: isoTime(job.startedAt),
    finished_at: isoTime(job.finishedAt),
    erased_at: isoTime(job.erasedAt),
    duration: seconds(job.startedAt, job.finishedAt, facts.now),
    queued_duration: seconds(job.queuedAt, job.startedAt ?? job.finishedAt, facts.now),
    user: userProfile(facts.user, externalUrl),
    commit: commit ? commitEntity(commit, `${externalUrl}/${projectName}`) : null,
    pipeline: pipelineBasic(pipeline, facts),
    ...(job.status === 'failed' ? { failure_reason: job.failureReason ?? 'unknown_failure' } : {}),
    web_url: externalUrl + jobPath(projectName, job.id),
    project: { ci_job_token_scope_enabled: false },
  }
}

export function jobEntity(job: Job, facts: JobFacts) {
  const archive = facts.artifacts.find((artifact) => artifact.kind === 'archive')
  return {
    ...jobBasic(job, facts),
    ...(archive ? { artifacts_file: { filename: artifactName(archive), size: archive.size } } : {}),
    artifacts: [...facts.artifacts.map(artifactFile), ...traceFile(job)],
    runner: job.startedAt === null || job.kind !== 'build' ? null : LOCAL_RUNNER,
    runner_manager: null,
    artifacts_expire_at: isoTime(archive?.expiresAt ?? null),
    archived: false,
    tag_list: job.tags.toSorted(),
  }
}

function seconds(from: number | null, to: number | null, now: number): number | null {
  return elapsedSeconds(from, to ?? now)
}

function artifactFile(artifact: ArtifactRow) {
  return {
    file_type: artifact.kind,
    size: artifact.size,
    filename: artifactName(artifact),
    file_format: artifact.format,
  }
}

/** GitLab lists the log as an artifact once the job is over. */
function traceFile(job: Job) {
  if (!isCompleted(job.status) || job.traceSize === 0 || job.erasedAt !== null) return []
  return [{ file_type: 'trace', size: job.traceSize, filename: 'job.log', file_format: 'raw' }]
}

/** An archive's name is the job's choice, without the ending; a report's is whole. */
export function artifactName(artifact: ArtifactRow): string {
  return artifact.kind === 'archive'
    ? `${artifact.name ?? 'artifacts'}.zip`
    : (artifact.name ?? artifact.kind)
}
