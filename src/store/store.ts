import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { accessTokensTable } from './access-tokens.ts'
import { artifactsTable } from './artifacts.ts'
import { configsTable } from './configs.ts'
import { makeWriter, type Durability } from './database.ts'
import { deliveryRetention } from './delivery-retention.ts'
import { dependencyQueries } from './dependencies.ts'
import { deploymentsTable } from './deployments.ts'
import { environmentsTable } from './environments.ts'
import { openGroupSync } from './group-sync.ts'
import { jobClock } from './job-clock.ts'
import { jobVariablesTable } from './job-variables.ts'
import { eventLists } from './event-lists.ts'
import { externalJobs } from './external-jobs.ts'
import { jobLists } from './job-lists.ts'
import { jobsTable } from './jobs.ts'
import { openChecked } from './open-checked.ts'
import { pipelineVariablesTable } from './pipeline-variables.ts'
import { pipelinesTable } from './pipelines.ts'
import { processesTable } from './processes.ts'
import { projectVariablesTable } from './project-variables.ts'
import { projectsTable } from './projects.ts'
import { pagesTable, releasesTable } from './releases.ts'
import { resourceGroupsTable } from './resource-groups.ts'
import { retentionQueries } from './retention.ts'
import { openSeal } from './seal.ts'
import { schedulesTable } from './schedules.ts'
import { statusCounts } from './status-counts.ts'
import { openTraces, type Traces } from './traces.ts'
import { triggerRequestsTable } from './trigger-requests.ts'
import { triggersTable } from './triggers.ts'
import { upkeepOf } from './upkeep.ts'
import { usersTable } from './users.ts'
import { watchedRefsTable } from './watched-refs.ts'

/** Everything that is true: rows in one SQLite file, bytes in files beside it. Only `pipeline/` and `app.ts` write. */
export interface Store {
  readonly stateDir: string
  readonly processes: ReturnType<typeof processesTable>
  readonly users: ReturnType<typeof usersTable>
  readonly projects: ReturnType<typeof projectsTable>
  readonly projectVariables: ReturnType<typeof projectVariablesTable>
  readonly triggers: ReturnType<typeof triggersTable>
  readonly accessTokens: ReturnType<typeof accessTokensTable>
  readonly pipelines: ReturnType<typeof pipelinesTable>
  readonly pipelineVariables: ReturnType<typeof pipelineVariablesTable>
  readonly configs: ReturnType<typeof configsTable>
  readonly jobs: ReturnType<typeof jobsTable>
  readonly jobLists: ReturnType<typeof jobLists>
  readonly statusCounts: ReturnType<typeof statusCounts>
  readonly eventLists: ReturnType<typeof eventLists>
  readonly externalJobs: ReturnType<typeof externalJobs>
  readonly jobClock: ReturnType<typeof jobClock>
  readonly jobVariables: ReturnType<typeof jobVariablesTable>
  readonly artifacts: ReturnType<typeof artifactsTable>
  readonly dependencies: ReturnType<typeof dependencyQueries>
  readonly environments: ReturnType<typeof environmentsTable>
  readonly deployments: ReturnType<typeof deploymentsTable>
  readonly releases: ReturnType<typeof releasesTable>
  readonly pages: ReturnType<typeof pagesTable>
  readonly resourceGroups: ReturnType<typeof resourceGroupsTable>
  readonly triggerRequests: ReturnType<typeof triggerRequestsTable>
  readonly schedules: ReturnType<typeof schedulesTable>
  readonly watchedRefs: ReturnType<typeof watchedRefsTable>
  readonly retention: ReturnType<typeof retentionQueries>
  readonly deliveryRetention: ReturnType<typeof deliveryRetention>
  readonly upkeep: ReturnType<typeof upkeepOf>
  readonly traces: Traces
  /** One immediate transaction; nested calls join the outer one. Never awaits. */
  write<T>(durability: Durability, work: () => T): T
  /** Resolves when what was written so far survives a power cut. One wait of the disk serves all who call meanwhile. */
  synced(): Promise<void>
  close(): void
}

/**
 * Opens the state folder, making it (mode 0700) and bringing its database up to date.
 * `powerSafe: false` (for `sluice run`) makes every commit as cheap as a process crash allows.
 * Throws `StoreVersionError` for a newer or foreign database, `StoreDamagedError` for a damaged one.
 */
export function openStore(stateDir: string, options: { readonly powerSafe: boolean }): Store {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const file = join(stateDir, 'sluice.db')
  const database = openChecked(stateDir, { check: options.powerSafe })
  const seal = openSeal(stateDir)
  const disk = openGroupSync(file)
  return {
    stateDir,
    processes: processesTable(database),
    users: usersTable(database),
    projects: projectsTable(database),
    projectVariables: projectVariablesTable(database, seal),
    triggers: triggersTable(database, seal),
    accessTokens: accessTokensTable(database, seal),
    pipelines: pipelinesTable(database),
    pipelineVariables: pipelineVariablesTable(database, seal),
    configs: configsTable(database, seal),
    jobs: jobsTable(database, seal),
    jobLists: jobLists(database),
    statusCounts: statusCounts(database),
    eventLists: eventLists(database),
    externalJobs: externalJobs(database),
    jobClock: jobClock(database),
    jobVariables: jobVariablesTable(database, seal),
    artifacts: artifactsTable(database),
    dependencies: dependencyQueries(database),
    environments: environmentsTable(database),
    deployments: deploymentsTable(database),
    releases: releasesTable(database),
    pages: pagesTable(database),
    resourceGroups: resourceGroupsTable(database),
    triggerRequests: triggerRequestsTable(database, seal),
    schedules: schedulesTable(database, seal),
    watchedRefs: watchedRefsTable(database),
    retention: retentionQueries(database),
    deliveryRetention: deliveryRetention(database),
    upkeep: upkeepOf(database, file),
    traces: openTraces(stateDir),
    write: makeWriter(database, options.powerSafe),
    synced: options.powerSafe ? disk.synced : () => Promise.resolve(),
    close() {
      disk.close()
      database.close()
    },
  }
}
