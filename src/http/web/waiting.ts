import type { Job } from '../../model/job.ts'
import { isCompleted, type Status } from '../../model/status.ts'
import type { Store } from '../../store/store.ts'
import { readableTime } from './moment.tsx'

/** Another job that has to do with why one has not run. */
export interface NamedJob {
  readonly id: number
  readonly name: string
  readonly status: Status
}

/** Why a job has not run (yet): a sentence, and the jobs it is about. */
export interface Waiting {
  readonly text: string
  readonly jobs: readonly NamedJob[]
}

/** Undefined for a job that runs or ran. `siblings`: the latest attempts of its pipeline's jobs. */
export function whyNotRun(store: Store, job: Job, siblings: readonly Job[]): Waiting | undefined {
  const before = jobsBefore(job, siblings)
  switch (job.status) {
    case 'created': {
      const open = before.filter(({ status }) => !isCompleted(status))
      const what = job.scheduling === 'dag' ? 'the jobs that it needs' : 'the jobs of the stages before it'
      return {
        text: open.length === 0 ? 'It is about to start.' : `It waits for ${what}:`,
        jobs: named(open),
      }
    }
    case 'waiting_for_resource': {
      const group = job.resourceGroup ?? ''
      const holders = store.resourceGroups.holders(job.projectId, group)
      const jobs = holders.flatMap(({ id }) => store.jobs.find(id) ?? [])
      return {
        text: `It waits for the resource group "${group}"${jobs.length > 0 ? ', which is held by' : '.'}`,
        jobs: named(jobs),
      }
    }
    case 'pending': {
      const tags = job.tags.length > 0 ? ` with the tags ${job.tags.join(', ')}` : ''
      return { text: `It waits for a free place on a runner${tags}.`, jobs: [] }
    }
    case 'manual':
      return { text: 'It is manual: somebody has to start it.', jobs: [] }
    case 'scheduled': {
      const at = job.scheduledAt === null ? 'later' : readableTime(job.scheduledAt)
      return { text: `It is delayed and starts at ${at}.`, jobs: [] }
    }
    case 'skipped': {
      const culprits = before.filter(({ status }) => ['failed', 'canceled', 'skipped'].includes(status))
      return {
        text: culprits.length === 0 ? 'It was skipped.' : 'It was skipped because of',
        jobs: named(culprits),
      }
    }
    default:
      return undefined
  }
}

function jobsBefore(job: Job, siblings: readonly Job[]): readonly Job[] {
  if (job.scheduling === 'stage') return siblings.filter(({ stageIndex }) => stageIndex < job.stageIndex)
  const needed = new Set(job.needs.map((need) => need.job))
  return siblings.filter(({ name }) => needed.has(name))
}

function named(jobs: readonly Job[]): NamedJob[] {
  return jobs.map(({ id, name, status }) => ({ id, name, status }))
}
