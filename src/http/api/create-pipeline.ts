import type { RequestHandler } from 'express'
import type { CreatePipelineResult } from '../../model/command.ts'
import { variable, type Variable } from '../../model/variable.ts'
import { err, ok } from '../../shared/result.ts'
import { toPlain, type RequestValue } from '../body/request-value.ts'
import type { HttpOptions } from '../options.ts'
import type { Problem } from '../problems.ts'
import { json } from '../reply.ts'
import { sanitized } from '../sanitized.ts'
import { pipelineEntity } from './entities/pipeline.ts'
import { forRole } from './guards.ts'
import type { ParamReader } from './param-reader.ts'
import { pipelineFacts } from './present.ts'
import { projectRoute } from './route.ts'

/** `POST /projects/:id/pipeline`: unlike a trigger, every refusal is 400 and nothing is kept of it (GitLab). */
export function createPipeline(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    readCreateParams,
    forRole(options, 'developer', async ({ project, user, params }) => {
      await options.projects.refresh(project)
      const result = await options.engine.create({
        projectId: project.id,
        source: 'api',
        checkout: { kind: 'ref', ref: params.ref },
        variables: params.variables,
        inputs: params.inputs,
        userId: user.id,
        request: null,
        triggerId: null,
        sourceKey: null,
        saveInvalid: false,
        selection: null,
        configPath: null,
      })
      if (result.kind !== 'created') return err(problemOf(result))
      const pipeline = options.store.pipelines.find(result.pipelineId)
      if (!pipeline) throw new Error(`Bug: pipeline ${result.pipelineId} was created and is not there`)
      return ok(json(201, pipelineEntity(pipeline, pipelineFacts(options, project, pipeline))))
    }),
  )
}

function readCreateParams(params: ParamReader) {
  const ref = params.presentText('ref') ?? ''
  const variables = params.items('variables', readVariable) ?? []
  const inputs = readInputs(params, 'inputs')
  return { ref, variables, inputs }
}

function readVariable(params: ParamReader): Variable {
  const key = params.text('key') ?? ''
  const value = params.text('value') ?? ''
  const file = params.oneOf('variable_type', ['env_var', 'file']) === 'file'
  return variable(key, value, 'api', { file })
}

/** A hash of values for `spec:inputs` or for a job's inputs. */
export function readInputs(params: ParamReader, name: string): Readonly<Record<string, unknown>> {
  const inputs = params.map(name) ?? new Map<string, RequestValue>()
  return Object.fromEntries([...inputs].map(([key, value]) => [key, toPlain(value)]))
}

function problemOf(result: Exclude<CreatePipelineResult, { kind: 'created' }>): Problem {
  const text =
    result.kind === 'refused'
      ? result.refusal.message
      : (result.diagnostics[0]?.message ?? 'Invalid configuration format')
  return { kind: 'invalid_record', errors: { base: [sanitized(text)] } }
}
