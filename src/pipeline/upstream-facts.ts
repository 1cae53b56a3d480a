import type { CompileRequest } from '../compile/compile.ts'
import type { CreatePipelineCommand } from '../model/command.ts'
import type { EngineContext } from './context.ts'
import { readParentArtifact } from './parent-artifact.ts'

/** What compiling needs to know of the bridge that starts a pipeline; nothing when no bridge does. */
export function upstreamFacts(
  context: EngineContext,
  { parentJobId, childConfig }: CreatePipelineCommand,
): Pick<CompileRequest, 'childIncludes' | 'upstream'> {
  const bridge = parentJobId ? context.store.jobs.find(parentJobId) : undefined
  if (bridge?.kind !== 'bridge') return {}
  const { id: jobId, pipelineId, projectId } = bridge
  if (!childConfig) return { upstream: { jobId, pipelineId, projectId } }
  return {
    childIncludes: childConfig.includes,
    upstream: {
      jobId,
      pipelineId,
      projectId,
      readArtifact: (job, path) => readParentArtifact(context, bridge, job, path),
    },
  }
}
