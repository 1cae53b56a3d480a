import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Refusal } from '../ci/include/port.ts'
import { readFolderFile } from '../compile/folder-files.ts'
import type { Job } from '../model/job.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { EngineContext } from './context.ts'

/** GitLab: `max_artifacts_content_include_size`, for the archive and for the file. */
const MOST_BYTES = 5 * 1024 ** 2

/** A file out of the archive of a job of a parent pipeline, for `include:artifact`. The newest attempt counts, whatever its end. */
export async function readParentArtifact(
  { store, clock }: EngineContext,
  bridge: Job,
  jobName: string,
  path: string,
): Promise<Result<Buffer, Pick<Refusal, 'reason' | 'help' | 'sizes'>>> {
  // Of a job that `sluice run` was not asked to run, the newest success serves.
  const earlier = bridge.options.earlierArtifacts?.includes(jobName)
    ? store.jobs.newestWithArtifacts(bridge.projectId, jobName)
    : undefined
  const job = store.jobs.latestNamed(bridge.pipelineId, jobName) ?? (earlier && store.jobs.headOf(earlier.id))
  const archive = job && store.artifacts.ofJob(job.id).find(({ kind }) => kind === 'archive')
  if (!archive || (archive.expiresAt !== null && archive.expiresAt <= clock.now())) {
    return err({ reason: 'no_artifacts', help: whyNone(job?.status, archive !== undefined) })
  }
  if (archive.size > MOST_BYTES) return tooLarge(archive.size)
  const folder = join(store.stateDir, archive.path)
  const file = await readFolderFile(folder, path)
  if (file !== undefined) return ok(file.bytes)
  return err({ reason: isFolder(folder, path) ? 'is_folder' : 'missing', help: null })
}

function isFolder(folder: string, path: string): boolean {
  if (path.includes('\0') || path.split('/').includes('..')) return false
  return lstatSync(join(folder, path), { throwIfNoEntry: false })?.isDirectory() ?? false
}

function whyNone(status: string | undefined, expired: boolean): string {
  if (expired) return 'its artifacts have expired'
  return status === undefined
    ? 'the parent pipeline has no job of this name'
    : `the job is ${status} and left none`
}

function tooLarge(bytes: number): Result<never, Pick<Refusal, 'reason' | 'help' | 'sizes'>> {
  const help = 'let a job of its own make the file, with nothing else in `artifacts:paths`'
  return err({
    reason: 'too_large',
    help,
    sizes: `${humanSize(bytes)} exceeds maximum of ${humanSize(MOST_BYTES)}`,
  })
}

/** Rails: `number_to_human_size`, three digits that matter. */
function humanSize(bytes: number): string {
  const units = ['Bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return `${Number((bytes / 1024 ** step).toPrecision(3))} ${units[step]}`
}
