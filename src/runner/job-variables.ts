import type { JobPayload, PayloadVariable } from '../model/payload.ts'
import { expand, runnerLookUp } from './expand.ts'

/** Places that a job is told about, by the names it knows. */
export interface JobPlaces {
  readonly buildsDir: string
  readonly projectDir: string
  readonly tempDir: string
  /** Of all jobs at once, and of those of this project. */
  readonly concurrentId: number
  readonly concurrentProjectId: number
  /** The repository as the job can reach it. */
  readonly repositoryUrl: string
  /** Of the runner; absent: not known where only paths are made. */
  readonly version?: string
}

/** The variables of a job as its scripts get them. */
export interface JobVariables {
  /** Exported in this order; the last of a name has won. File variables hold their path. */
  readonly exported: readonly { readonly key: string; readonly value: string }[]
  /** To be written into the temporary folder, byte for byte. */
  readonly files: readonly { readonly key: string; readonly content: string }[]
  /** Keys that no shell variable can have; the log says so. */
  readonly impossible: readonly string[]
  /** GitLab's expansion for artifact paths, names and the like. */
  expand(text: string): string
}

/**
 * gitlab-runner's order: what the runner defines, then the job's variables in rising precedence, then what the executor says.
 * Values that are not raw are expanded once; a reference to a file variable gives its path.
 */
export function jobVariables(payload: JobPayload, places: JobPlaces): JobVariables {
  const all = [
    ...runnerVariables(payload, places),
    ...payload.variables.map((variable) => asReachable(variable, payload, places)),
    visible('CI_SHARED_ENVIRONMENT', 'true'),
  ]
  const latest = new Map(all.map((variable) => [variable.key, variable]))
  const pathOf = (key: string) => `${places.tempDir}/${key}`
  const lookUp = runnerLookUp(
    new Map([...latest].map(([key, variable]) => [key, variable.file ? pathOf(key) : variable.value])),
  )
  const valueOf = (variable: PayloadVariable) =>
    variable.raw ? variable.value : expand(variable.value, lookUp)
  const usable = [...latest.values()].filter(({ key }) => isShellName(key))
  return {
    exported: usable.map((variable) => ({
      key: variable.key,
      value: variable.file ? pathOf(variable.key) : valueOf(variable),
    })),
    files: usable
      .filter((variable) => variable.file)
      .map((variable) => ({ key: variable.key, content: valueOf(variable) })),
    impossible: [...latest.keys()].filter((key) => !isShellName(key)),
    expand: (text) =>
      expand(
        text,
        runnerLookUp(
          new Map(
            usable.map((variable) => [
              variable.key,
              variable.file ? pathOf(variable.key) : valueOf(variable),
            ]),
          ),
        ),
      ),
  }
}

/** The coordinator names the repository as it stands outside; behind a sandbox it stands elsewhere. */
function asReachable(
  variable: PayloadVariable,
  payload: JobPayload,
  { repositoryUrl }: JobPlaces,
): PayloadVariable {
  const isOwn = variable.key === 'CI_REPOSITORY_URL' && variable.value === payload.git_info.repo_url
  return isOwn ? { ...variable, value: repositoryUrl } : variable
}

/** What the masker must hide: masked values before and after expansion. */
export function maskedValues(payload: JobPayload): string[] {
  const masked = payload.variables.filter((variable) => variable.masked)
  if (masked.every((variable) => variable.raw || !variable.value.includes('$')))
    return masked.map((variable) => variable.value)
  const lookUp = runnerLookUp(new Map(payload.variables.map((variable) => [variable.key, variable.value])))
  return masked.flatMap((variable) => [variable.value, expand(variable.value, lookUp)])
}

/** The variables with another `CI_JOB_STATUS`, for after_script. */
export function withJobStatus(
  exported: JobVariables['exported'],
  status: 'success' | 'failed' | 'canceled' | 'timedout',
): JobVariables['exported'] {
  return exported.map((variable) =>
    variable.key === 'CI_JOB_STATUS' ? { ...variable, value: status } : variable,
  )
}

/** gitlab-runner reads booleans as Go does. */
export function isTrue(exported: JobVariables['exported'], key: string): boolean {
  return /^(1|t|true)$/i.test(exported.find((variable) => variable.key === key)?.value ?? '')
}

/** Said to be false, in one of Go's words for it. */
export function isFalse(exported: JobVariables['exported'], key: string): boolean {
  return /^(0|f|false)$/i.test(exported.find((variable) => variable.key === key)?.value ?? '')
}

function runnerVariables(payload: JobPayload, places: JobPlaces): PayloadVariable[] {
  return [
    visible('CI_BUILDS_DIR', places.buildsDir),
    visible('CI_PROJECT_DIR', places.projectDir),
    visible('CI_CONCURRENT_ID', String(places.concurrentId)),
    visible('CI_CONCURRENT_PROJECT_ID', String(places.concurrentProjectId)),
    visible('CI_SERVER', 'yes'),
    visible('CI_JOB_STATUS', 'running'),
    ...aboutRunner(places.version),
    visible('CI_JOB_TIMEOUT', String(payload.runner_info.timeout)),
    visible('RUNNER_TEMP_PROJECT_DIR', places.tempDir),
    visible('GITLAB_ENV', `${places.tempDir}/${ENVIRONMENT_FILE}`),
  ]
}

/** gitlab-runner's names for machines; a runner within this process has no token that could be shortened. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

function aboutRunner(version: string | undefined): PayloadVariable[] {
  if (version === undefined) return []
  return [
    visible('CI_RUNNER_VERSION', version),
    visible('CI_RUNNER_REVISION', 'sluice'),
    visible(
      'CI_RUNNER_EXECUTABLE_ARCH',
      `${process.platform}/${ARCHITECTURES[process.arch] ?? process.arch}`,
    ),
    visible('CI_RUNNER_SHORT_TOKEN', 'local'),
  ]
}

/** Name of the file behind `$GITLAB_ENV`. */
export const ENVIRONMENT_FILE = 'gitlab_runner_env'

function visible(key: string, value: string): PayloadVariable {
  return { key, value, public: true, masked: false, file: false, raw: true }
}

/** bash refuses to set these, which under errexit would end the job. */
const READ_ONLY = new Set(['SHELLOPTS', 'BASHOPTS', 'BASH_VERSINFO', 'EUID', 'PPID', 'UID'])

function isShellName(key: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) && !READ_ONLY.has(key)
}
