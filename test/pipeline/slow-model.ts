import type { JobNode } from '../../src/model/job.ts'
import { compositeStatus, countedStatus } from '../../src/pipeline/composite-status.ts'
import { firstMove, type FirstMove } from '../../src/pipeline/readiness.ts'

/** GitLab's processing pass, word by word: look at every created job until nothing moves. Slow, and obviously right. */
export function slowTransitions(jobs: JobNode[]): Map<number, FirstMove> {
  const moves = new Map<number, FirstMove>()
  for (let moved = true; moved;) {
    moved = false
    for (const [index, job] of jobs.entries()) {
      if (job.status !== 'created') continue
      const before =
        job.scheduling === 'dag'
          ? jobs.filter((other) => job.needs.includes(other.id))
          : jobs.filter((other) => other.stageIndex < job.stageIndex)
      const mode = job.scheduling === 'dag' ? 'needs' : 'stage'
      const to = firstMove(job.when, compositeStatus(new Set(before.map(countedStatus)), mode), mode)
      if (!to) continue
      jobs[index] = { ...job, status: to }
      moves.set(job.id, to)
      moved = true
    }
  }
  return moves
}
