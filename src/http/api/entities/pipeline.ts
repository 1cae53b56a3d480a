import type { Pipeline } from '../../../model/pipeline.ts'
import type { User } from '../../../model/user.ts'
import type { PipelineFigures } from '../../pipeline-figures.ts'
import { sanitized } from '../../sanitized.ts'
import { pipelineStatusWords } from '../../status-words.ts'
import { isoTime } from '../../times.ts'
import { pipelinePath } from '../../urls.ts'
import { pipelineBasic, type Place } from './pipeline-basic.ts'
import { userBasic } from './user.ts'

/** What an entity says beyond its row. */
export interface PipelineFacts extends Place {
  readonly user: User
  readonly figures: PipelineFigures
}

export function pipelineEntity(pipeline: Pipeline, facts: PipelineFacts) {
  return {
    ...pipelineBasic(pipeline, facts),
    before_sha: pipeline.beforeSha,
    tag: pipeline.tag,
    yaml_errors: pipeline.configError === null ? null : sanitized(pipeline.configError),
    user: userBasic(facts.user, facts.externalUrl),
    started_at: isoTime(pipeline.startedAt),
    finished_at: isoTime(pipeline.finishedAt),
    committed_at: null,
    duration: facts.figures.duration,
    queued_duration: facts.figures.queuedDuration,
    coverage: facts.figures.coverage,
    detailed_status: detailedStatus(pipeline, facts),
  }
}

export function pipelineWithMetadata(pipeline: Pipeline, facts: PipelineFacts) {
  return { ...pipelineEntity(pipeline, facts), name: pipeline.name }
}

function detailedStatus(pipeline: Pipeline, { figures, projectName }: PipelineFacts) {
  const words = pipelineStatusWords(pipeline.status, figures.warnings)
  return {
    icon: words.icon,
    text: words.text,
    label: words.label,
    group: words.group,
    tooltip: words.label,
    has_details: true,
    details_path: pipelinePath(projectName, pipeline.id),
    illustration: null,
    favicon: words.favicon,
  }
}
