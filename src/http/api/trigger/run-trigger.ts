import type { CreatePipelineCommand, CreatePipelineResult } from '../../../model/command.ts'
import type { Pipeline } from '../../../model/pipeline.ts'
import type { Project } from '../../../model/project.ts'
import type { TriggerRequest } from '../../../model/provenance.ts'
import { variable } from '../../../model/variable.ts'
import { err, ok, type Result } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import type { Problem } from '../../problems.ts'
import type { Caller } from './caller.ts'
import { withFixed } from './token-limits.ts'
import type { TriggerCall } from './trigger-call.ts'

/** `reason` null: the engine has kept the request already. */
export interface NotCreated {
  readonly problem: Problem
  readonly reason: string | null
}

/** Makes the pipeline that a caller asked for. */
export async function runTrigger(
  options: HttpOptions,
  command: CreatePipelineCommand,
  project: Project,
): Promise<Result<Pipeline, NotCreated>> {
  await options.projects.refresh(project)
  const result = await options.engine.create(command)
  const pipeline = result.kind === 'created' ? options.store.pipelines.find(result.pipelineId) : undefined
  return pipeline ? ok(pipeline) : err(explain(options, project, result))
}

export function commandFor(
  caller: Caller,
  call: Pick<TriggerCall, 'ref' | 'variables' | 'inputs' | 'payload'>,
  request: TriggerRequest,
): CreatePipelineCommand {
  const variables = withFixed(caller.trigger, call.variables)
  return {
    projectId: caller.project.id,
    source: caller.source,
    checkout: { kind: 'ref', ref: call.ref },
    variables: [
      ...[...variables].map(([key, value]) => variable(key, value, 'trigger')),
      // GitLab appends it, so that a caller's own variable of this name makes a duplicate and is refused.
      variable('TRIGGER_PAYLOAD', call.payload, 'trigger', { file: true }),
    ],
    fixedVariables: caller.trigger?.limits.fixedVariables.map(({ key }) => key) ?? [],
    inputs: call.inputs,
    userId: caller.userId,
    request,
    triggerId: caller.trigger?.id ?? null,
    // GitLab links the pipelines; the job sees nothing of it.
    parentJobId: caller.job?.id ?? null,
    sourceKey: null,
    saveInvalid: true,
    selection: null,
    configPath: null,
  }
}

function explain(options: HttpOptions, project: Project, result: CreatePipelineResult): NotCreated {
  switch (result.kind) {
    case 'refused':
      return {
        problem: { kind: 'refused', refusal: result.refusal },
        reason: result.refusal.detail ?? result.refusal.message,
      }
    case 'invalid': {
      const kept = result.pipelineId === null ? undefined : options.store.pipelines.find(result.pipelineId)
      const text = kept?.configError ?? result.diagnostics[0]?.message ?? 'Invalid configuration format'
      return { problem: { kind: 'invalid_config', text }, reason: kept ? null : text }
    }
    case 'created':
      throw new Error(`Bug: pipeline ${result.pipelineId} of ${project.name} was created and is not there`)
  }
}
