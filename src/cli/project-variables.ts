import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ProjectVariable } from '../model/variable.ts'
import { configHome } from '../platform/xdg.ts'
import type { SettingsProblem } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { EXIT } from './exit-code.ts'
import type { Failure } from './failure.ts'
import { counted } from './words.ts'

/** Where project variables are looked for when no file is named. */
export interface VariablesPlace {
  /** Of the repository. */
  readonly root: string
  readonly env: NodeJS.ProcessEnv
}

export interface ProjectVariables {
  readonly variables: readonly ProjectVariable[]
  readonly notices: readonly string[]
}

/** The file that gitlab-ci-local reads in a repository. */
const OF_GITLAB_CI_LOCAL = '.gitlab-ci-local-variables.yml'

/** The person's own project variables, for every repository. */
function ownFile(env: NodeJS.ProcessEnv): string {
  return join(configHome(env), 'sluice', 'variables.yaml')
}

/**
 * The project variables of a command: those of `--variables-file`, else of the person's own file, else of gitlab-ci-local's. One file, never
 * two together.
 */
export async function readProjectVariables(
  named: string | undefined,
  { root, env }: VariablesPlace,
): Promise<Result<ProjectVariables, Failure>> {
  const own = ownFile(env)
  const file = named ?? (existsSync(own) ? own : undefined)
  if (file !== undefined) {
    const { readVariablesFile } = await import('../settings/variables-file.ts')
    const read = readVariablesFile(file)
    return read.ok ? ok({ variables: read.value, notices: [] }) : err(failed(read.error))
  }
  const local = join(root, OF_GITLAB_CI_LOCAL)
  return existsSync(local) ? ofGitlabCiLocal(local, own) : ok({ variables: [], notices: [] })
}

async function ofGitlabCiLocal(file: string, own: string): Promise<Result<ProjectVariables, Failure>> {
  const { readLocalVariablesFile } = await import('../settings/variables-file.ts')
  const read = readLocalVariablesFile(file)
  if (!read.ok) return err(failed(read.error))
  const { variables, leftOut } = read.value
  const notice = `${counted(variables.length, 'project variable')} from ${OF_GITLAB_CI_LOCAL}, for want of ${own}`
  const missing = `; left out: ${leftOut.join(', ')} (values by environment: write them into a file for --variables-file)`
  return ok({ variables, notices: [leftOut.length === 0 ? notice : `${notice}${missing}`] })
}

function failed({ diagnostics, sources }: SettingsProblem): Failure {
  return { exitCode: EXIT.usage, problems: diagnostics, sources }
}
