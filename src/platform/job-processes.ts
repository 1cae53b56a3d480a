// Under which processes the jobs of this process run at this moment, whichever of their scripts it is.

const jobs = new Map<number, number>()

/**
 * Notes that processes and all their descendants work for a job, until the returned function is called: no later than
 * when the first of them is reaped, as its number may then belong to somebody else.
 */
export function noteJobProcesses(jobId: number, pids: readonly number[]): () => void {
  for (const pid of pids) jobs.set(pid, jobId)
  return () => {
    for (const pid of pids) jobs.delete(pid)
  }
}

/** The job of each process that was noted. */
export function jobsByProcess(): ReadonlyMap<number, number> {
  return jobs
}
