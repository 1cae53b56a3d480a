import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { StagedReport } from '../model/coordinator.ts'
import type { Job } from '../model/job.ts'
import { type ArtifactRules, DEFAULT_ARTIFACT_RULES } from '../model/limits.ts'
import type { Variable } from '../model/variable.ts'
import { gunzipMembers } from '../platform/gzip-members.ts'
import { parseDuration } from '../shared/chronic-duration.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { ArtifactRow } from '../store/artifacts.ts'
import type { EngineContext } from './context.ts'
import { type DotenvLimits, parseDotenv } from './dotenv.ts'

/** An archive as its runner collected it. */
interface StagedArchive {
  readonly staged: string
  readonly name: string | null
  readonly size: number
  readonly files: number
  readonly expireIn: string | null
}

type KeepContext = Pick<EngineContext, 'store' | 'clock' | 'artifacts' | 'limits'>

/** Takes a staged folder over as the archive of a job. */
export function keepArchive(context: KeepContext, job: Job, archive: StagedArchive): void {
  const { store } = context
  const path = archivePath(store.stateDir, job)
  const { name, size, files, expireIn } = archive
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // Of a job that had this number before the database was replaced by an older copy.
  rmSync(path, { recursive: true, force: true })
  renameSync(archive.staged, path)
  const row = { jobId: job.id, kind: 'archive', format: 'zip', name, size, files } as const
  record(context, { ...row, path, expireIn })
}

/**
 * Takes a staged file over as a report of a job. A dotenv report becomes the job's variables. GitLab: of each type a job has one; the
 * same bytes again are no error.
 */
export async function keepReport(
  context: KeepContext,
  job: Job,
  report: StagedReport,
): Promise<Result<null, string>> {
  const { store } = context
  const { type, format, name, size, files, expireIn } = report
  const before = store.artifacts.ofJob(job.id).find(({ kind }) => kind === type)
  if (before) {
    const same = (await hashOf(join(store.stateDir, before.path))) === (await hashOf(report.staged))
    return same ? ok(null) : err('another artifact of the same type already exists')
  }
  let variables: readonly Variable[] = []
  if (type === 'dotenv') {
    const read = await readDotenv(report.staged, context.limits)
    if (!read.ok) return read
    variables = read.value
  }
  const path = join(`${archivePath(store.stateDir, job)}.reports`, type, name)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  renameSync(report.staged, path)
  await rm(dirname(report.staged), { recursive: true, force: true })
  store.write('normal', () => {
    record(context, { jobId: job.id, kind: type, format, name, size, files, path, expireIn })
    if (type === 'dotenv') store.jobVariables.put(job.id, 'dotenv', variables)
  })
  return ok(null)
}

/** `artifacts/<yyyy>/<mm>/<job id>`, a folder laid out as the job's work folder was; reports lie beside it. */
export function archivePath(stateDir: string, job: Pick<Job, 'id' | 'createdAt'>): string {
  const created = new Date(job.createdAt)
  const month = String(created.getUTCMonth() + 1).padStart(2, '0')
  return join(stateDir, 'artifacts', String(created.getUTCFullYear()), month, String(job.id))
}

/** Removes an artifact's files, and the folders that held nothing else. Throws the file system's error. */
export function removeArtifactFiles(
  stateDir: string,
  { path, kind }: Pick<ArtifactRow, 'path' | 'kind'>,
): void {
  const full = join(stateDir, path)
  rmSync(full, { recursive: true, force: true })
  if (kind !== 'archive') for (const folder of [dirname(full), dirname(dirname(full))]) removeEmpty(folder)
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // another report lies in it, or it is gone already
  }
}

/** When something expires that is kept now; null: never. */
export function expiryOf(expireIn: string | null, now: number, rules: ArtifactRules): number | null {
  if (expireIn === 'never') return null
  const written = expireIn === null ? null : parseDuration(expireIn)
  const seconds = written ?? rules.expireSeconds
  return seconds === 0 ? null : now + seconds * 1000
}

function record(
  { store, clock, artifacts = DEFAULT_ARTIFACT_RULES }: KeepContext,
  {
    path,
    expireIn,
    ...row
  }: Omit<Parameters<typeof store.artifacts.add>[0], 'expiresAt'> & { readonly expireIn: string | null },
): void {
  const now = clock.now()
  const expiresAt = expiryOf(expireIn, now, artifacts)
  store.artifacts.add({ ...row, path: relative(store.stateDir, path), expiresAt }, now)
}

/** A packed file far beyond the limit is not even opened: what is allowed cannot be packed to more than this. */
const PACKED_MARGIN = 4096

async function readDotenv(file: string, limits: DotenvLimits): Promise<Result<Variable[], string>> {
  const tooBig = `Dotenv Artifact Too Big. Maximum Allowable Size: ${limits.dotenvBytes}`
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.dotenvBytes + PACKED_MARGIN) return err(tooBig)
    chunks.push(chunk)
  }
  const members = gunzipMembers(Buffer.concat(chunks), limits.dotenvBytes)
  if (!members.ok) return err(members.error === 'too large' ? tooBig : 'Invalid Format')
  return parseDotenv(members.value, limits)
}

async function hashOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}
