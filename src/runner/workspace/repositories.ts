import type { HostRepository } from '../executors/executor.ts'
import { openHostRepository } from './host-repository.ts'
import { jobRefs, type JobRefs } from './refs.ts'
import { openDepths, type Depths } from './shallow.ts'

export interface SourceRepository {
  readonly repository: HostRepository
  readonly refs: JobRefs
  readonly depths: Depths
}

export interface Repositories {
  /** The mirror at a path, and what it borrows from now. */
  open(gitDir: string): SourceRepository
}

/** Keeps what was read of each mirror's refs. */
export function openRepositories(): Repositories {
  const known = new Map<string, SourceRepository>()
  return {
    open(gitDir) {
      const repository = openHostRepository(gitDir)
      const before = known.get(gitDir)
      if (before && before.repository.objects.join('\0') === repository.objects.join('\0')) return before
      const source = { repository, refs: jobRefs(repository), depths: openDepths(gitDir) }
      known.set(gitDir, source)
      return source
    },
  }
}
