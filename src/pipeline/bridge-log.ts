import type { FailureReason } from '../model/failure-reason.ts'
import type { Job } from '../model/job.ts'
import { openTraceWriter } from './traces.ts'

/** GitLab: `Gitlab::Ci::Status::Build::Failed::REASONS`. */
const SENTENCES: Partial<Record<FailureReason, string>> = {
  data_integrity_failure: 'data integrity failure',
  downstream_bridge_project_not_found: 'downstream project could not be found',
  downstream_pipeline_creation_failed: 'downstream pipeline can not be created',
  insufficient_bridge_permissions: 'no permissions to trigger downstream pipeline',
  insufficient_upstream_permissions: 'no permissions to read upstream project',
  invalid_bridge_trigger: 'downstream pipeline trigger definition is invalid',
  pipeline_loop_detected: 'job would create infinitely looping pipelines',
  reached_downstream_pipeline_trigger_rate_limit:
    'Too many downstream pipelines triggered in the last minute. Try again later.',
  reached_max_descendant_pipelines_depth: 'reached maximum depth of child pipelines',
  reached_max_pipeline_hierarchy_size: 'downstream pipeline tree is too large',
  upstream_bridge_project_not_found: 'upstream project could not be found',
}

/** Writes why a bridge fails where a job has its log. On GitLab a bridge has none, and its page says it. */
export async function sayInBridge(
  context: Parameters<typeof openTraceWriter>[0],
  job: Job,
  reason: FailureReason,
  detail: string,
): Promise<void> {
  const trace = openTraceWriter(context, job)
  // Each line says what it is: a terminal shows of a log without script only errors.
  const lines = [SENTENCES[reason] ?? reason, ...detail.split('\n')]
  await trace.write(Buffer.from(lines.map((line) => `\u001b[31;1mERROR: ${line}\u001b[0;m\n`).join('')))
  await trace.close()
}
