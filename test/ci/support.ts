import type { Config } from '../../src/ci/config.ts'
import { load } from '../../src/ci/load.ts'
import { plan, type PlanFacts, type PlanOutcome } from '../../src/ci/plan.ts'
import { variable, type Variable, type VariableOrigin } from '../../src/model/variable.ts'
import type { PipelinePlan } from '../../src/model/plan.ts'
import type { Diagnostic } from '../../src/shared/diagnostic.ts'

const noFiles = (): Promise<undefined> => Promise.resolve(undefined)

/** The document, which must be valid. */
export async function configOf(text: string): Promise<Config> {
  const loaded = await load({ path: '.gitlab-ci.yml', text }, noFiles)
  if (!loaded.ok) throw new Error(loaded.error.diagnostics.map(({ message }) => message).join('\n'))
  return loaded.value
}

export async function diagnosticsOf(text: string): Promise<readonly Diagnostic[]> {
  const loaded = await load({ path: '.gitlab-ci.yml', text }, noFiles)
  return loaded.ok ? [] : loaded.error.diagnostics
}

export async function messagesOf(text: string): Promise<string[]> {
  return (await diagnosticsOf(text)).map(({ message }) => message)
}

export function variables(origin: VariableOrigin, values: Readonly<Record<string, string>>): Variable[] {
  return Object.entries(values).map(([key, value]) => variable(key, value, origin))
}

const MERGE_REQUEST = {
  CI_MERGE_REQUEST_IID: '1',
  CI_MERGE_REQUEST_EVENT_TYPE: 'detached',
  CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
}

/** A push to the branch `main` of `group/app`, unless a test says otherwise. */
export function factsOf(some: Partial<PlanFacts> = {}): PlanFacts {
  const { source = 'push', ref = 'main', tag = false } = some
  return {
    source,
    ref,
    tag,
    projectFullPath: 'group/app',
    predefined: variables('predefined', {
      CI_PIPELINE_SOURCE: source,
      CI_COMMIT_REF_NAME: ref,
      CI_DEFAULT_BRANCH: 'main',
      ...(tag
        ? { CI_COMMIT_TAG: ref }
        : source === 'merge_request_event'
          ? MERGE_REQUEST
          : { CI_COMMIT_BRANCH: ref }),
    }),
    above: [],
    changedPaths: null,
    treePaths: null,
    ...some,
  }
}

export async function outcomeOf(text: string, some: Partial<PlanFacts> = {}): Promise<PlanOutcome> {
  return plan(await configOf(text), factsOf(some))
}

export async function planOf(text: string, some: Partial<PlanFacts> = {}): Promise<PipelinePlan> {
  const outcome = await outcomeOf(text, some)
  if (outcome.kind === 'plan') return outcome.plan
  throw new Error(
    outcome.kind === 'invalid'
      ? outcome.diagnostics.map(({ message }) => message).join('\n')
      : outcome.message,
  )
}

/** Names of the jobs that are in. */
export async function jobsOf(text: string, some: Partial<PlanFacts> = {}): Promise<string[]> {
  const outcome = await outcomeOf(text, some)
  return outcome.kind === 'plan' ? outcome.plan.jobs.map(({ name }) => name) : []
}
