import type { User } from '../../../model/user.ts'
import type { CommitStatusRow } from '../../../store/external-jobs.ts'
import { isoTime } from '../../times.ts'
import { userBasic } from './user.ts'

export function commitStatusEntity(status: CommitStatusRow, author: User, externalUrl: string) {
  return {
    id: status.id,
    sha: status.sha,
    ref: status.ref,
    status: status.status,
    name: status.name,
    target_url: status.targetUrl,
    description: status.description,
    created_at: isoTime(status.createdAt),
    started_at: isoTime(status.startedAt),
    finished_at: isoTime(status.finishedAt),
    allow_failure: status.allowFailure,
    coverage: status.coverage,
    pipeline_id: status.pipelineId,
    author: userBasic(author, externalUrl),
  }
}
