import type { CreatePipelineResult } from '../model/command.ts'
import type { EngineContext } from './context.ts'
import type { Target } from './resolve-checkout.ts'

/** What a pipeline is made for, with the number that its rules may look at. */
export type NumberedTarget = Target & { readonly iid: number }

/**
 * Makes a pipeline with a project's next number. GitLab claims it before the rules are decided, too, because they may read
 * `CI_PIPELINE_IID`; there a refused pipeline leaves a gap. Here its number is free again, unless somebody took the next one meanwhile.
 */
export async function withPipelineNumber(
  { store }: EngineContext,
  projectId: number,
  make: (iid: number) => Promise<CreatePipelineResult>,
): Promise<CreatePipelineResult> {
  const iid = store.write('normal', () => store.projects.nextPipelineIid(projectId))
  let made: CreatePipelineResult | undefined
  try {
    made = await make(iid)
    return made
  } finally {
    if (!made || !('pipelineId' in made) || made.pipelineId === null)
      store.write('normal', () => store.projects.giveBackPipelineIid(projectId, iid))
  }
}
