import type { PipelineEvent } from '../model/events.ts'
import type { EngineContext } from './context.ts'

/**
 * Sees what other processes have changed in this one's pipelines (a job played or canceled from another terminal) and what they
 * have set free in resource groups. Cheap when there is nothing of that: both have an index of their own.
 */
export interface ForeignChanges {
  look(): void
}

export function makeForeignChanges(
  { store, live, processId }: EngineContext,
  announce: (events: readonly PipelineEvent[]) => void,
): ForeignChanges {
  function lookAgain(pipelineId: number): void {
    store.write('normal', () => {
      store.pipelines.setTouched(pipelineId, false)
      live.forget(pipelineId)
    })
    live.apply(pipelineId, 'normal', [])
    announce(eventsOf(pipelineId))
  }

  /** As if each change had happened here: who waits for a status is woken by it. */
  function eventsOf(pipelineId: number): PipelineEvent[] {
    const pipeline = store.pipelines.find(pipelineId)
    if (!pipeline) return []
    const { projectId, status } = pipeline
    const jobs = store.jobs
      .headsOf(pipelineId)
      .filter((job) => ['pending', 'scheduled', 'canceling'].includes(job.status))
      .map((job): PipelineEvent => {
        const { id: jobId, status: to } = job
        return { type: 'job', pipelineId, projectId, jobId, from: to, to }
      })
    return [...jobs, { type: 'pipeline', pipelineId, projectId, from: status, to: status }]
  }

  return {
    look() {
      // Who holds a resource may also have died, and then nothing was written.
      const waiting = store.resourceGroups.waitingOf(processId)
      if (waiting.length > 0) live.grant(waiting)
      for (const pipelineId of store.pipelines.touchedOf(processId)) lookAgain(pipelineId)
    },
  }
}
