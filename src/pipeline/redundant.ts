import type { Pipeline } from '../model/pipeline.ts'
import type { RedundantPipeline } from '../store/pipelines.ts'
import { cancelJobs } from './cancel.ts'
import type { EngineContext } from './context.ts'
import { selfAndUpstreams } from './hierarchy.ts'

const DAY_MS = 24 * 3600 * 1000

/**
 * Cancels what a new pipeline makes superfluous. GitLab (`workflow:auto_cancel:on_new_commit`): unfinished older pipelines of the
 * same ref with another sha, child pipelines by the age of their root; never those of the commit the ref points to now. Each says
 * itself how it is canceled. Of several processes on one state folder each looks at its own pipelines only: what runs in
 * another terminal is somebody's wish.
 */
export async function cancelRedundant(context: EngineContext, pipelineId: number): Promise<void> {
  const { store, processId, limits } = context
  const pipeline = store.pipelines.find(pipelineId)
  if (!pipeline || pipeline.source === 'parent_pipeline') return
  const oldest = pipeline.createdAt - limits.redundantPipelineDays * DAY_MS
  const candidates = store.pipelines
    .olderOfRef(pipeline, processId)
    .filter((older) => older.createdAt >= oldest)
    .filter((older) => older.source !== 'parent_pipeline' || isOlderRoot(context, older, pipeline))
  if (candidates.length === 0) return
  const head = await headOf(context, pipeline)
  for (const older of candidates) {
    if (older.sha !== head) cancelAsItSays(context, older)
  }
}

function cancelAsItSays(context: EngineContext, { id, onNewCommit }: RedundantPipeline): void {
  if (onNewCommit === 'none') return
  if (onNewCommit === 'interruptible') return cancelJobs(context, id, 'interruptible')
  if (!context.store.jobs.hasStartedUninterruptible(id)) cancelJobs(context, id, 'all')
}

function isOlderRoot({ store }: EngineContext, child: RedundantPipeline, pipeline: Pipeline): boolean {
  const row = store.pipelines.find(child.id)
  const root = row && selfAndUpstreams(store, row).at(-1)
  return root !== undefined && root.id < pipeline.id
}

/** The commit that the ref points to now; undefined when it is gone, or cannot be read. */
async function headOf(
  { projects }: EngineContext,
  { projectId, ref, tag }: Pipeline,
): Promise<string | undefined> {
  const project = projects.find(projectId)
  if (!project) return undefined
  const name = `refs/${tag ? 'tags' : 'heads'}/${ref}`
  const found = await projects
    .repository(project)
    .resolveRef(name)
    .catch(() => undefined)
  return typeof found === 'object' ? found.sha : undefined
}
