import { runScript } from '../script/run-script.ts'
import { scriptText } from '../script/script-text.ts'
import type { Outcome } from '../outcome.ts'
import { isTrue } from '../job-variables.ts'
import type { Build } from './build.ts'

/**
 * `hooks:pre_get_sources_script`, in the builds folder before the sources are there. The project folder may be changed by it.
 * Undefined: there is none, or it succeeded.
 */
export async function preGetSources(build: Build): Promise<Outcome | undefined> {
  const { payload, environment, executor, variables, end, lane, log, clock, graceMs, workspace } = build
  const elements = payload.hooks.flatMap(({ name, script }) =>
    name === 'pre_get_sources_script' ? script : [],
  )
  if (elements.length === 0) return undefined
  workspace.slot.mistrust()
  const exit = await runScript({
    environment,
    lane,
    text: scriptText(executor.shell, {
      variables: variables.exported,
      directory: environment.buildsDir,
      environmentFile: null,
      elements,
      trace: isTrue(variables.exported, 'CI_DEBUG_TRACE'),
    }),
    log,
    clock,
    graceMs,
    signal: end.script,
  })
  const ended = end.outcome()
  if (ended) return ended
  if (!exit.ok) return { kind: 'system_failure', message: exit.error }
  return exit.value.kind === 'exited' && exit.value.code === 0
    ? undefined
    : { kind: 'script_failed', exit: exit.value }
}
