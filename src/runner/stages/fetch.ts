import { runScript } from '../script/run-script.ts'
import type { Outcome } from '../outcome.ts'
import type { Build } from './build.ts'

/**
 * The mirror has all objects already, so nothing needs to be fetched. With `GIT_FETCH_EXTRA_FLAGS` of the user's own a true
 * fetch from it follows, where the job's scripts run. Undefined: it was not wanted, or succeeded.
 */
export async function fetchMore(build: Build): Promise<Outcome | undefined> {
  const { settings, payload, executor, environment, variables, workspace, end } = build
  if (settings.fetchFlags === null) return undefined
  const { depth, refspecs } = payload.git_info
  const { quote } = executor.shell
  const command = [
    'git',
    'fetch',
    'origin',
    '--no-recurse-submodules',
    ...refspecs,
    ...(depth > 0 ? ['--depth', String(depth)] : []),
    ...settings.fetchFlags,
  ]
  workspace.slot.mistrust()
  const exit = await runScript({
    ...build,
    text: [
      'set -e',
      ...variables.exported.map(({ key, value }) => `export ${key}=${quote(value)}`),
      'export GIT_TERMINAL_PROMPT=0 GCM_INTERACTIVE=Never',
      `cd ${quote(environment.projectDir)}`,
      `${command.map(quote).join(' ')} </dev/null`,
      'exit 0',
      '',
    ].join('\n'),
    signal: end.script,
  })
  const ended = end.outcome()
  if (ended) return ended
  if (!exit.ok) return { kind: 'system_failure', message: exit.error }
  const fine = exit.value.kind === 'exited' && exit.value.code === 0
  return fine ? undefined : { kind: 'script_failed', exit: exit.value }
}
