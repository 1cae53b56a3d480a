import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DEFAULT_ARTIFACT_RULES } from '../model/limits.ts'
import type { ArtifactRow } from '../store/artifacts.ts'
import type { EngineContext } from './context.ts'
import { removeArtifactFiles } from './keep-artifacts.ts'

/** So many are removed before others get their turn. */
const AT_ONCE = 20

/** Whether somebody may still have an artifact. GitLab: until it expires, and longer while its pipeline is its ref's newest success. */
export function isAvailable(
  { store, clock, artifacts }: Pick<EngineContext, 'store' | 'clock' | 'artifacts'>,
  { expiresAt, jobId }: Pick<ArtifactRow, 'expiresAt' | 'jobId'>,
): boolean {
  if (expiresAt === null || expiresAt > clock.now()) return true
  return (artifacts ?? DEFAULT_ARTIFACT_RULES).keepLatest && store.artifacts.isLatest(jobId)
}

/**
 * Removes what has expired: first the files, then the row that would find them again. What a running pipeline left stays until it has
 * ended. Resolves with how many were removed.
 */
export async function sweepArtifacts({
  store,
  clock,
  artifacts,
}: Pick<EngineContext, 'store' | 'clock' | 'artifacts'>): Promise<number> {
  const { keepLatest } = artifacts ?? DEFAULT_ARTIFACT_RULES
  let removed = 0
  for (;;) {
    const expired = store.artifacts.expired(clock.now(), keepLatest, AT_ONCE)
    for (const { kind, path } of expired) {
      // Large trees without keeping others waiting.
      await rm(join(store.stateDir, path), { recursive: true, force: true })
      removeArtifactFiles(store.stateDir, { kind, path })
    }
    store.write('normal', () => {
      for (const { id } of expired) store.artifacts.remove(id)
    })
    removed += expired.length
    if (expired.length < AT_ONCE) return removed
  }
}
