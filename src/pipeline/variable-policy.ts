import { PREDEFINED_NAMES } from '../ci/variables/predefined-names.ts'
import type { CreatePipelineCommand, Refusal } from '../model/command.ts'
import type { Project } from '../model/project.ts'
import type { VariableSource } from '../model/plan.ts'

// How far a project lets the callers of its triggers choose variables: `triggers.variables` of the configuration.

/** Names that a loader, a shell, an interpreter or a tool obeys. In capitals; `*` stands for any characters. */
const UNSAFE = [
  'PATH HOME SHELL ENV BASH_ENV SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND IFS CDPATH TMPDIR GCONV_PATH LOCPATH LD_* DYLD_*',
  'NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PERL5OPT PERL5LIB',
  'RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS MAVEN_OPTS GRADLE_OPTS RUSTC_WRAPPER',
  'RUSTC_WORKSPACE_WRAPPER GIT_* SSH_AUTH_SOCK SSH_ASKPASS DOCKER_HOST DOCKER_CONFIG DOCKER_CONTEXT DOCKER_CERT_PATH',
  'CONTAINERS_CONF NPM_CONFIG_* PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE CARGO_HOME CARGO_BUILD_* *_PROXY SLUICE_*',
].flatMap((line) => line.split(' '))

/** Of the names that git and the runner obey, those that only say how much is fetched. */
const HARMLESS = new Set([
  'GIT_STRATEGY',
  'GIT_DEPTH',
  'GIT_CHECKOUT',
  'GIT_SUBMODULE_STRATEGY',
  'GIT_SUBMODULE_DEPTH',
  'GIT_LFS_SKIP_SMUDGE',
])

type Refused = Pick<Refusal, 'reason' | 'message' | 'detail'>

/** What the project refuses before its CI file is read; undefined when all is well. */
export function checkPolicy(project: Project, command: CreatePipelineCommand): Refused | undefined {
  const chosen = chosenKeys(command)
  if (chosen.length === 0) return undefined
  switch (project.triggerVariables ?? 'any') {
    case 'any':
    case 'declared':
      return undefined
    case 'none': {
      const message = 'Insufficient permissions to set pipeline variables'
      return { reason: 'variable_not_allowed', message, detail: 'triggers.variables of the project is none' }
    }
    case 'safe': {
      const unsafe = chosen.find(isUnsafe)
      return unsafe === undefined
        ? undefined
        : notAllowed(
            unsafe,
            'it changes how programs run or what Sluice says of the pipeline (triggers.variables: safe)',
          )
    }
  }
}

/** What it refuses once the file is read: with `declared`, names that the file does not have at its top level. */
export function checkDeclared(
  project: Project,
  command: CreatePipelineCommand,
  sources: readonly VariableSource[],
): Refused | undefined {
  if (project.triggerVariables !== 'declared') return undefined
  const known = new Set(sources.flatMap(({ key, origin }) => (origin === 'global' ? [key] : [])))
  const unknown = chosenKeys(command).find((key) => !known.has(key))
  return unknown === undefined
    ? undefined
    : notAllowed(unknown, 'the CI file does not declare it (triggers.variables: declared)')
}

/** Those that a caller of a trigger chose: not the payload, and not what the trigger itself fixes. */
function chosenKeys(command: CreatePipelineCommand): readonly string[] {
  if (command.request === null) return []
  const fixed = new Set(command.fixedVariables)
  return command.variables.flatMap(({ key, origin, file }) =>
    origin === 'trigger' && !file && !fixed.has(key) ? [key] : [],
  )
}

/** Compared without regard to case: some systems do. */
export function isUnsafe(key: string): boolean {
  const name = key.toUpperCase()
  if (HARMLESS.has(name)) return false
  return PREDEFINED_NAMES.has(name) || UNSAFE.some((pattern) => matches(pattern, name))
}

/** A pattern has at most one `*`, at an end. */
function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith('*')) return name.endsWith(pattern.slice(1))
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function notAllowed(key: string, why: string): Refused {
  return {
    reason: 'variable_not_allowed',
    message: `Variable "${key.slice(0, 255)}" may not be set by a trigger`,
    detail: `variable "${key.slice(0, 255)}": ${why}`,
  }
}
