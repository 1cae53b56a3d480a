import { expandAll, lookupIn, type Lookup } from '../ci/variables/expand.ts'
import type { Job } from '../model/job.ts'
import type { EngineContext } from './context.ts'
import { variablesOfJob } from './job-variables.ts'

/**
 * Notes what a successful job would have published on GitLab: its `release`, its `pages`. Nothing leaves this machine; the job's log
 * said so. In the transaction that records the success.
 */
export function notePublished(
  context: Pick<EngineContext, 'store' | 'server' | 'clock' | 'projects'>,
  job: Job,
): void {
  const { store, clock, projects } = context
  const { release, pages } = job.options
  if (!release && !pages) return
  const pipeline = store.pipelines.find(job.pipelineId)
  const project = projects.find(job.projectId)
  if (!pipeline || !project) return
  const lookup = lookupIn(variablesOfJob(context, { job, pipeline, project }, null))
  const now = clock.now()
  const of = { projectId: job.projectId, jobId: job.id, createdAt: now }
  if (release) {
    const { tagName, name, description, ref, ...details } = release
    const tag = expandAll(tagName, lookup)
    store.releases.put({
      ...of,
      tagName: tag,
      name: name === null ? tag : expandAll(name, lookup),
      description: expandAll(description, lookup),
      ref: ref === null ? pipeline.sha : expandAll(ref, lookup),
      sha: pipeline.sha,
      details: JSON.stringify(expandedDeep(details, lookup)),
    })
  }
  if (pages) {
    const pathPrefix = pages.pathPrefix === null ? null : expandAll(pages.pathPrefix, lookup)
    store.pages.add({ ...of, folder: expandAll(pages.publish, lookup), pathPrefix })
  }
}

function expandedDeep(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') return expandAll(value, lookup)
  if (Array.isArray(value)) return value.map((item) => expandedDeep(item, lookup))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandedDeep(item, lookup)]))
}
