import type { PayloadDependency } from '../model/payload.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import type { Variable } from '../model/variable.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { expandFor, serverSideVariables } from './bridge-variables.ts'
import type { EngineContext } from './context.ts'
import { familyOf } from './hierarchy.ts'
import type { PlacedJob } from './job-variables.ts'

type Need = NonNullable<PlacedJob['job']['options']['upstream']>[number]

/**
 * The jobs of other pipelines whose artifacts and reported variables a job wants. GitLab: a successful job in the same family
 * (`needs:pipeline`), or the newest successful job of a ref of another project (`needs:project`); nobody waits for them. The error
 * says what is missing: the job then cannot start.
 */
export function upstreamJobs(context: EngineContext, placed: PlacedJob): Result<readonly number[], string> {
  const needs = (placed.job.options.upstream ?? []).filter((need) => need.kind !== 'mirror' && need.artifacts)
  if (needs.length === 0) return ok([])
  const seen = serverSideVariables(context, placed)
  const found: number[] = []
  for (const need of needs) {
    const job = findJob(context, placed, need, seen)
    if (!job.ok) return job
    found.push(job.value)
  }
  return ok(found)
}

/** What those jobs hand over. One that left no archive is passed over. */
export function upstreamDependencies(
  { store }: EngineContext,
  jobIds: readonly number[],
): readonly PayloadDependency[] {
  return jobIds.flatMap((id) => {
    const { name } = store.jobs.headOf(id)
    const archives = store.artifacts.ofJob(id).filter(({ kind }) => kind === 'archive')
    return archives.map(({ size }) => ({
      id,
      name,
      token: '',
      artifacts_file: { filename: 'artifacts.zip', size },
    }))
  })
}

/** GitLab: reported variables come along with the artifacts. */
export function upstreamDotenv({ store }: EngineContext, jobIds: readonly number[]): readonly Variable[] {
  return jobIds.flatMap((id) => store.jobVariables.of(id, 'dotenv'))
}

function findJob(
  context: EngineContext,
  placed: PlacedJob,
  need: Need,
  seen: readonly Variable[],
): Result<number, string> {
  switch (need.kind) {
    case 'pipeline':
      return inFamily(context, placed, expandFor(need.pipeline, seen), expandFor(need.job, seen))
    case 'project':
      return inProject(context, placed, {
        path: expandFor(need.project, seen),
        ref: expandFor(need.ref, seen),
        name: expandFor(need.job, seen),
      })
    case 'mirror':
      return err('a pipeline is mirrored and not needed')
  }
}

function inFamily(
  { store }: EngineContext,
  { pipeline }: PlacedJob,
  written: string,
  name: string,
): Result<number, string> {
  const id = Number(written)
  if (id === pipeline.id)
    return err(`needs:pipeline ${written} is this pipeline; name its jobs without \`pipeline\``)
  if (!familyOf(store, pipeline).has(id))
    return err(`needs:pipeline "${written}" is not the parent, a child or a sibling of this pipeline`)
  const job = store.jobs.latestNamed(id, name)
  if (!job) return err(`pipeline ${id} has no job "${name}"`)
  return job.status === 'success' ? ok(job.id) : err(`job "${name}" of pipeline ${id} is ${job.status}`)
}

function inProject(
  { store, projects }: EngineContext,
  { job, pipeline }: PlacedJob,
  { path, ref, name }: { readonly path: string; readonly ref: string; readonly name: string },
): Result<number, string> {
  const project = projects.named(path)
  if (!project) return err(`needs:project "${path}" is not served here`)
  const userId = job.userId ?? pipeline.userId
  const mayRead =
    userId === LOCAL_USER_ID || (userId !== null && store.users.roleIn(project.id, userId) !== undefined)
  if (!mayRead) return err(`needs:project ${path}: the pipeline's user is no member of it`)
  const found = store.jobs.newestOfRef(project.id, ref, name)
  return found ? ok(found.id) : err(`no job "${name}" has succeeded on ${ref} of ${path} yet`)
}
