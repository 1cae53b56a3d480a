import type { PlacedJob } from './job-variables.ts'
import type { EngineContext } from './context.ts'

const MINUTE_MS = 60_000

/** Counts the bridges of a user at a commit over the last minute. GitLab: `Ci::TriggerDownstreamPipelineService`. */
export function makeTriggerRate({ clock, limits }: EngineContext): (placed: PlacedJob) => boolean {
  const started = new Map<string, number[]>()
  return ({ job, pipeline }) => {
    const most = limits.downstreamTriggers
    if (most === 0) return false
    const since = clock.now() - MINUTE_MS
    for (const [key, times] of started) if (times.every((time) => time <= since)) started.delete(key)
    const key = `${pipeline.projectId} ${job.userId ?? pipeline.userId} ${pipeline.sha}`
    const recent = (started.get(key) ?? []).filter((time) => time > since)
    if (recent.length >= most) return true
    started.set(key, [...recent, clock.now()])
    return false
  }
}
