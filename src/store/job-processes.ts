import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

/** A job whose process may have outlived the process that started it. */
export interface RunningJob {
  readonly id: number
  readonly pipelineId: number
  readonly status: Status
  readonly pid: number | null
  readonly pidStart: string | null
  readonly bootId: string | null
}

/** Which process runs a job, and whether it lives. */
export function jobProcesses(database: Database) {
  const setRunning = lazily(() =>
    database.prepare<[string, number, string, string, number]>(
      'update jobs set isolation = ?, pid = ?, pid_start = ?, boot_id = ? where id = ?',
    ),
  )
  const runningOfPipeline = lazily(() =>
    database.prepare<[number], RunningJob>(
      `select id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, status from jobs
       where pipeline_id = ? and kind = 'build' and status in ('running', 'canceling', 'preparing')`,
    ),
  )
  const running = lazily(() =>
    database.prepare<[number], RunningJob>(
      `select jobs.id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, jobs.status from jobs
       join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status in ('running', 'canceling', 'preparing') and jobs.kind = 'build' and pipelines.owner = ?
         and pipelines.finished_at is null`,
    ),
  )
  const runningProcesses = lazily(() =>
    database.prepare<[], RunningJob>(
      `select id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, status
       from jobs indexed by jobs_at_work
       where status in ('pending', 'running', 'canceling') and status in ('running', 'canceling') and pid is not null`,
    ),
  )
  const touch = lazily(() =>
    database.prepare<[number, number]>('update jobs set updated_at = ? where id = ?'),
  )
  const processOf = lazily(() =>
    database.prepare<[number], RunningJob>(
      `select id, pipeline_id as pipelineId, pid, pid_start as pidStart, boot_id as bootId, status from jobs where id = ?`,
    ),
  )

  return {
    recordProcess: (
      id: number,
      held: {
        readonly isolation: string
        readonly pid: number
        readonly pidStart: string
        readonly bootId: string
      },
    ): void => void setRunning().run(held.isolation, held.pid, held.pidStart, held.bootId, id),
    /** A sign of life. */
    touch: (id: number, now: number): void => void touch().run(now, id),
    /** The recorded process of a job. */
    processOf: (id: number): RunningJob | undefined => processOf().get(id),
    /** Jobs that some process ran; bridges run in none. */
    runningOfPipeline: (pipelineId: number): RunningJob[] => runningOfPipeline().all(pipelineId),
    /** Those whose process is recorded, of every process that works on this store. */
    runningProcesses: (): RunningJob[] => runningProcesses().all(),
    runningOf: (owner: number): RunningJob[] => running().all(owner),
  }
}
