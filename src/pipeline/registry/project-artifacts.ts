import { sweepArtifacts } from '../artifact-expiry.ts'
import type { EngineContext } from '../context.ts'

/** What is done with all artifacts of a project at once. */
export interface ProjectArtifacts {
  /**
   * Lets everything expire that the project's jobs left; what no newer success of its ref has replaced stays (GitLab). The rows are
   * changed when it returns, the files go after that.
   */
  expireAll(projectId: number): void
}

export function makeProjectArtifacts(context: EngineContext): ProjectArtifacts {
  const { store, clock, notice } = context
  return {
    expireAll(projectId) {
      store.write('full', () => store.artifacts.expireAll(projectId, clock.now()))
      sweepArtifacts(context).catch((error: unknown) =>
        notice(`artifacts of project ${projectId} could not be removed: ${String(error)}`),
      )
    },
  }
}
