import type { Status } from '../model/status.ts'
import { lazily, type Database } from './database.ts'

/** GitLab: who of those that wait gets a resource that was freed. */
export const PROCESS_MODES = ['unordered', 'oldest_first', 'newest_first', 'newest_ready_first'] as const

export type ProcessMode = (typeof PROCESS_MODES)[number]

export interface ResourceGroup {
  readonly id: number
  readonly projectId: number
  readonly key: string
  readonly processMode: ProcessMode
  readonly createdAt: number
  readonly updatedAt: number
}

/** A job that holds a group's resource, or might get it next. */
export interface GroupMember {
  readonly id: number
  readonly pipelineId: number
  readonly status: Status
  /** The process that owns its pipeline. */
  readonly owner: number | null
  readonly pid: number | null
  readonly pidStart: string | null
  readonly bootId: string | null
}

const columns =
  'id, project_id as projectId, key, process_mode as processMode, created_at as createdAt, updated_at as updatedAt'

const memberColumns = `jobs.id, jobs.pipeline_id as pipelineId, jobs.status, pipelines.owner, jobs.pid,
  jobs.pid_start as pidStart, jobs.boot_id as bootId`

const members = `select ${memberColumns} from jobs indexed by jobs_of_resource_group
  join pipelines on pipelines.id = jobs.pipeline_id where jobs.project_id = ? and jobs.resource_group = ? and`

/**
 * Waiting jobs in the order in which they may have the resource. GitLab: by the age of their pipelines; of one pipeline those
 * first that wait already. The ordered modes also look at jobs that are not ready yet.
 */
const upcomingQueries: Readonly<Record<ProcessMode, string>> = {
  unordered: `${members} jobs.status = 'waiting_for_resource' order by jobs.id`,
  oldest_first: `${members} jobs.retried = 0 and jobs.status in ('created', 'scheduled', 'waiting_for_resource')
    order by jobs.pipeline_id, jobs.status <> 'waiting_for_resource', jobs.id`,
  newest_first: `${members} jobs.retried = 0 and jobs.status in ('created', 'scheduled', 'waiting_for_resource')
    order by jobs.pipeline_id desc, jobs.status <> 'waiting_for_resource', jobs.id`,
  newest_ready_first: `${members} jobs.status = 'waiting_for_resource' order by jobs.pipeline_id desc, jobs.id`,
}

export function resourceGroupsTable(database: Database) {
  const insert = lazily(() =>
    database.prepare<[number, string, number, number]>(
      'insert into resource_groups (project_id, key, created_at, updated_at) values (?, ?, ?, ?) on conflict do nothing',
    ),
  )
  const find = lazily(() =>
    database.prepare<[number, string], ResourceGroup>(
      `select ${columns} from resource_groups where project_id = ? and key = ?`,
    ),
  )
  const ofProject = lazily(() =>
    database.prepare<[number], ResourceGroup>(
      `select ${columns} from resource_groups where project_id = ? order by id`,
    ),
  )
  const setMode = lazily(() =>
    database.prepare<[ProcessMode, number, number]>(
      'update resource_groups set process_mode = ?, updated_at = ? where id = ?',
    ),
  )
  const holders = lazily(() =>
    database.prepare<[number, string], GroupMember>(
      `${members} jobs.status in ('waiting_for_callback', 'preparing', 'pending', 'running', 'canceling')`,
    ),
  )
  const upcoming = (mode: ProcessMode) =>
    database.prepare<[number, string], GroupMember>(upcomingQueries[mode])
  const statements = new Map<ProcessMode, ReturnType<typeof upcoming>>()
  const waitingOf = lazily(() =>
    database.prepare<[number], { projectId: number; key: string }>(
      `select distinct jobs.project_id as projectId, jobs.resource_group as key from jobs indexed by jobs_waiting_for_resource
       join pipelines on pipelines.id = jobs.pipeline_id
       where jobs.status = 'waiting_for_resource' and pipelines.owner = ? order by jobs.id`,
    ),
  )

  function upcomingIn(mode: ProcessMode): ReturnType<typeof upcoming> {
    const known = statements.get(mode)
    if (known) return known
    const made = upcoming(mode)
    statements.set(mode, made)
    return made
  }

  return {
    /** A group exists from the first pipeline on that has a job in it. */
    ensure: (projectId: number, key: string, now: number): void =>
      void insert().run(projectId, key, now, now),
    find: (projectId: number, key: string): ResourceGroup | undefined => find().get(projectId, key),
    ofProject: (projectId: number): ResourceGroup[] => ofProject().all(projectId),
    setMode: (id: number, mode: ProcessMode, now: number): void => void setMode().run(mode, now, id),
    /** Jobs that have the resource: from the moment they may be taken to their end, `canceling` included. */
    holders: (projectId: number, key: string): GroupMember[] => holders().all(projectId, key),
    /** The first of those that would get the resource next for which `fits` holds. */
    firstUpcoming(
      projectId: number,
      key: string,
      fits: (member: GroupMember) => boolean,
    ): GroupMember | undefined {
      const mode = find().get(projectId, key)?.processMode ?? 'unordered'
      for (const member of upcomingIn(mode).iterate(projectId, key)) if (fits(member)) return member
      return undefined
    },
    /** All of them, in that order. */
    upcoming(projectId: number, key: string): GroupMember[] {
      const mode = find().get(projectId, key)?.processMode ?? 'unordered'
      return upcomingIn(mode).all(projectId, key)
    },
    /** The groups for which jobs of a process wait. */
    waitingOf: (owner: number): { projectId: number; key: string }[] => waitingOf().all(owner),
  }
}
