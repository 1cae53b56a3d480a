import type { Pipeline } from '../model/pipeline.ts'
import type { Store } from '../store/store.ts'

/** The pipeline whose job started this one; null: no job did, or it is gone. */
export function upstreamOf({ jobs, pipelines }: Store, { parentJobId }: Pipeline): Pipeline | null {
  const job = parentJobId === null ? undefined : jobs.find(parentJobId)
  return (job && pipelines.find(job.pipelineId)) ?? null
}

/** Whether a pipeline belongs to the one that started it, and not to another project. */
export function isChild(store: Store, pipeline: Pipeline): boolean {
  return pipeline.source === 'parent_pipeline' && upstreamOf(store, pipeline) !== null
}

/** A pipeline and all that led to it, itself first. */
export function selfAndUpstreams(store: Store, pipeline: Pipeline): Pipeline[] {
  const chain = [pipeline]
  for (let next = upstreamOf(store, pipeline); next; next = upstreamOf(store, next)) chain.push(next)
  return chain
}

/** The same, as far as they are of one project. */
export function selfAndParents(store: Store, pipeline: Pipeline): Pipeline[] {
  const chain = selfAndUpstreams(store, pipeline)
  const end = chain.findIndex(({ projectId }) => projectId !== pipeline.projectId)
  return end === -1 ? chain : chain.slice(0, end)
}

/** How many pipelines hang together with this one, those of other projects too; counting stops at `most`. */
export function hierarchySize(store: Store, pipeline: Pipeline, most: number): number {
  const root = selfAndUpstreams(store, pipeline).at(-1) ?? pipeline
  const found = [root.id]
  for (const id of found) {
    if (found.length >= most) break
    for (const next of store.pipelines.startedFrom(id)) found.push(next.id)
  }
  return Math.min(found.length, most)
}

/** The ids of a pipeline's family: the parent of them all, and its children and theirs. GitLab: `same_family_pipeline_ids`. */
export function familyOf(store: Store, pipeline: Pipeline): ReadonlySet<number> {
  const root = selfAndParents(store, pipeline).at(-1) ?? pipeline
  const family = new Set([root.id])
  for (const id of family) for (const child of store.pipelines.childrenOf(id)) family.add(child)
  return family
}
