import { notice } from '../log/ansi.ts'
import type { JobShell } from './shell.ts'

export interface ScriptFacts {
  /** Exported before the first element, in this order. Keys are valid shell identifiers. */
  readonly variables: readonly { readonly key: string; readonly value: string }[]
  /** Absolute path of the project folder, as the job sees it. */
  readonly directory: string
  /** `KEY=value` lines of `$GITLAB_ENV` to take over first; null: none were written. */
  readonly environmentFile: string | null
  readonly elements: readonly string[]
  /** `CI_DEBUG_TRACE`. */
  readonly trace: boolean
  /** `FF_SCRIPT_SECTIONS`: elements of several lines become sections, shown whole. */
  readonly sections?: boolean
}

/**
 * The text that one shell reads on its standard input. gitlab-runner (>= 19.1): the body in a subshell that reads /dev/null,
 * under errexit and pipefail, so that a failing command ends it with its true exit code. The body is one quoted string given
 * to eval: a mistake in its syntax is met where it stands, after what comes before it has run. Only builtins are used, as
 * PATH, IFS and the like may be the job's own.
 */
export function scriptText(shell: JobShell, facts: ScriptFacts): string {
  const { quote } = shell
  const body = [
    'set --',
    // Here and not before: of the eval itself it would show every variable once more, in quotes that hide what is masked.
    ...(facts.trace ? ['set -o xtrace'] : []),
    ...facts.variables.map(({ key, value }) => `export ${key}=${quote(value)}`),
    ...(facts.environmentFile === null
      ? []
      : [`while IFS= read -r line; do export "$line"; done < ${quote(facts.environmentFile)}`]),
    `cd ${quote(facts.directory)}`,
    ...facts.elements.flatMap((element, index) =>
      facts.sections === true && element.trim().includes('\n')
        ? sectionLines(shell, element.trim(), index)
        : commandLines(shell, element),
    ),
    '',
  ].join('\n')
  return [
    // A script whose job is cancelled says no more; set in the outer shell alone, so the job's own traps still run.
    `trap 'exit 1' TERM`,
    // As most machines have it, whatever the daemon was started with.
    'umask 022',
    // What messages begin with: `bash: line 39: …`.
    ...(shell.name === 'bash' ? ['BASH_ARGV0=bash'] : []),
    // Not in the command itself: bash shows that, with every variable in it, when a signal ends the subshell.
    `set -- ${quote(body)}`,
    shell.name === 'bash'
      ? 'set -eo pipefail'
      : 'if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi; set -e',
    'set +o noclobber',
    '(eval "$1") </dev/null',
    'exit 0',
    '',
  ].join('\n')
}

/** gitlab-runner: elements are trimmed, echoed in bold green, several lines as the first one with a remark; an empty one is an empty line. */
function commandLines(shell: JobShell, element: string): string[] {
  const command = element.trim()
  if (command === '') return ['echo']
  const [first = '', ...more] = command.split('\n')
  const shown = notice(more.length === 0 ? `$ ${command}` : `$ ${first} # collapsed multi-line command`)
  // sh's echo would read backslashes.
  return [
    shell.name === 'bash' ? `echo ${shell.quote(shown)}` : `printf '%s\\n' ${shell.quote(shown)}`,
    command,
  ]
}

/** gitlab-runner's name and options; the times come from the job's shell, as only it knows when the element begins. */
function sectionLines(shell: JobShell, command: string, index: number): string[] {
  const name = `section_script_step_${index}`
  const title = shell.quote(notice(`$ ${command}`))
  const [time, argument] = shell.name === 'bash' ? ['%(%s)T', '-1'] : ['%s', '"$(date +%s)"']
  return [
    `printf 'section_start:${time}:${name}[hide_duration=true,collapsed=true]\\r\\033[0K%s\\n' ${argument} ${title}`,
    command,
    `printf 'section_end:${time}:${name}\\r\\033[0K\\n' ${argument}`,
  ]
}
