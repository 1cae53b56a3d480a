import { findExecutor, type ChosenExecutor } from '../app/executor.ts'
import type { ExecutorChoice, Isolation } from '../model/isolation.ts'
import type { ListenAddress, ProjectSettings } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { EXIT } from './exit-code.ts'
import { unprotectedExposure } from './exposure.ts'
import { failure, type Failure } from './failure.ts'

/** The executors of a daemon: its own, and those of projects that ask for another isolation. */
export interface ServeExecutors {
  readonly own: ChosenExecutor
  readonly byProject: ReadonlyMap<number, ChosenExecutor['executor']>
  /** What protection is missing where; each sentence once. */
  readonly notices: readonly string[]
}

type IsolatedProject = Pick<ProjectSettings, 'id' | 'name' | 'isolation'>

/** Tries every isolation that the settings ask for. `choice`, from the command line, stands above the `executor` of all. */
export async function serveExecutors(
  settings: { readonly isolation: Isolation; readonly projects: readonly IsolatedProject[] },
  choice: ExecutorChoice | undefined,
  address: ListenAddress,
  scratchDir: string,
): Promise<Result<ServeExecutors, Failure>> {
  const tried = new Map<string, ChosenExecutor>()
  const find = async (asked: Isolation): Promise<Result<ChosenExecutor, Failure>> => {
    const isolation = choice === undefined ? asked : { ...asked, executor: choice }
    const key = JSON.stringify(isolation)
    const known = tried.get(key)
    if (known) return ok(known)
    const found = await oneExecutor(isolation, address, scratchDir)
    if (found.ok) tried.set(key, found.value)
    return found
  }
  const own = await find(settings.isolation)
  if (!own.ok) return own
  const byProject = new Map<number, ChosenExecutor['executor']>()
  for (const project of settings.projects) {
    const found = await find(project.isolation)
    if (!found.ok) return err(ofProject(found.error, project))
    if (found.value !== own.value) byProject.set(project.id, found.value.executor)
  }
  const notices = [...tried.values()].flatMap(({ notice }) => (notice === null ? [] : [notice]))
  return ok({ own: own.value, byProject, notices: [...new Set(notices)] })
}

/** The same for settings that come while the daemon runs: the executor of every project, or why not, in a sentence. */
export async function executorsByProject(
  settings: { readonly isolation: Isolation; readonly projects: readonly IsolatedProject[] },
  choice: ExecutorChoice | undefined,
  address: ListenAddress,
  scratchDir: string,
): Promise<Result<ReadonlyMap<number, ChosenExecutor['executor']>, string>> {
  const found = await serveExecutors(settings, choice, address, scratchDir)
  if (!found.ok) return err(found.error.problems.map(({ message }) => message).join('; '))
  const { own, byProject } = found.value
  return ok(new Map(settings.projects.map(({ id }) => [id, byProject.get(id) ?? own.executor])))
}

async function oneExecutor(
  isolation: Isolation,
  { host }: ListenAddress,
  scratchDir: string,
): Promise<Result<ChosenExecutor, Failure>> {
  const found = await findExecutor(isolation, scratchDir)
  if (!found.ok) return err(failure(EXIT.machine, 'executor.unavailable', found.error))
  const { executor, notice } = found.value
  const problem = unprotectedExposure({ host, choice: isolation.executor, executor: executor.name, notice })
  return problem ? err(problem) : ok(found.value)
}

function ofProject(problem: Failure, { name }: IsolatedProject): Failure {
  return {
    ...problem,
    problems: problem.problems.map((each) => ({ ...each, message: `project ${name}: ${each.message}` })),
  }
}
