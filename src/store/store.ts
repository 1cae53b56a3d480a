import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { accessTokensTable } from './access-tokens.ts'
import { artifactsTable } from './artifacts.ts'
import { configsTable } from './configs.ts'
import { makeWriter, openDatabase, type Durability } from './database.ts'
import { jobsTable } from './jobs.ts'
import { migrate } from './migrations.ts'
import { pipelineVariablesTable } from './pipeline-variables.ts'
import { pipelinesTable } from './pipelines.ts'
import { processesTable } from './processes.ts'
import { projectsTable } from './projects.ts'
import { openSeal } from './seal.ts'
import { openTraces, type Traces } from './traces.ts'
import { triggerRequestsTable } from './trigger-requests.ts'
import { triggersTable } from './triggers.ts'
import { usersTable } from './users.ts'

/** Everything that is true: rows in one SQLite file, bytes in files beside it. Only `pipeline/` and `app.ts` write. */
export interface Store {
  readonly stateDir: string
  readonly processes: ReturnType<typeof processesTable>
  readonly users: ReturnType<typeof usersTable>
  readonly projects: ReturnType<typeof projectsTable>
  readonly triggers: ReturnType<typeof triggersTable>
  readonly accessTokens: ReturnType<typeof accessTokensTable>
  readonly pipelines: ReturnType<typeof pipelinesTable>
  readonly pipelineVariables: ReturnType<typeof pipelineVariablesTable>
  readonly configs: ReturnType<typeof configsTable>
  readonly jobs: ReturnType<typeof jobsTable>
  readonly artifacts: ReturnType<typeof artifactsTable>
  readonly triggerRequests: ReturnType<typeof triggerRequestsTable>
  readonly traces: Traces
  /** One immediate transaction; nested calls join the outer one. Never awaits. */
  write<T>(durability: Durability, work: () => T): T
  close(): void
}

/**
 * Opens the state folder, making it (mode 0700) and bringing its database up to date.
 * `powerSafe: false` (for `sluice run`) makes every commit as cheap as a process crash allows.
 * Throws `StoreVersionError` for a newer or foreign database, SQLite's errors for a damaged one.
 */
export function openStore(stateDir: string, options: { readonly powerSafe: boolean }): Store {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const file = join(stateDir, 'sluice.db')
  const database = openDatabase(file)
  try {
    migrate(database, file)
  } catch (error) {
    database.close()
    throw error
  }
  const seal = openSeal(stateDir)
  return {
    stateDir,
    processes: processesTable(database),
    users: usersTable(database),
    projects: projectsTable(database),
    triggers: triggersTable(database, seal),
    accessTokens: accessTokensTable(database, seal),
    pipelines: pipelinesTable(database),
    pipelineVariables: pipelineVariablesTable(database, seal),
    configs: configsTable(database, seal),
    jobs: jobsTable(database, seal),
    artifacts: artifactsTable(database),
    triggerRequests: triggerRequestsTable(database),
    traces: openTraces(stateDir),
    write: makeWriter(database, options.powerSafe),
    close: () => database.close(),
  }
}
