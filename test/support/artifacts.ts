import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { JobPayload } from '../../src/model/payload.ts'
import type { Result } from '../../src/shared/result.ts'
import type { TestEngine } from './engine.ts'

/** Hands files over as the archive of a job that a puppet has taken. */
export async function leaveArchive(
  { engine }: TestEngine,
  { token }: JobPayload,
  files: Readonly<Record<string, string>>,
  expireIn: string | null = null,
): Promise<void> {
  const staged = await engine.coordinator.stageArtifacts(token)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(staged, path)), { recursive: true })
    writeFileSync(join(staged, path), content)
  }
  const size = Object.values(files).join('').length
  await engine.coordinator.putArtifacts(token, {
    staged,
    name: null,
    size,
    files: Object.keys(files).length,
    expireIn,
  })
}

/** Hands one file over as a gzipped report. */
export async function leaveReport(
  { engine }: TestEngine,
  { token }: JobPayload,
  type: string,
  content: string,
  expireIn: string | null = null,
): Promise<Result<null, string>> {
  const file = join(await engine.coordinator.stageArtifacts(token), `${type}.gz`)
  writeFileSync(file, gzipSync(content))
  const { size } = statSync(file)
  return engine.coordinator.putReport(token, {
    type,
    format: 'gzip',
    name: `${type}.gz`,
    staged: file,
    size,
    files: 1,
    expireIn,
  })
}

/** Takes the next job, which must be this one. */
export async function takeJob(test: TestEngine, name: string): Promise<JobPayload> {
  const payload = await test.take()
  if (payload?.job_info.name !== name)
    throw new Error(`expected ${name}, got ${payload?.job_info.name ?? 'no job'}`)
  return payload
}

export function endJob({ engine }: TestEngine, { token }: JobPayload): Promise<unknown> {
  return engine.coordinator.updateJob(token, { state: 'success' })
}

/** What the script would see. */
export function valueOf({ variables }: JobPayload, key: string): string | undefined {
  return variables.findLast((one) => one.key === key)?.value
}
