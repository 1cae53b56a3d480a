import type { RequestHandler } from 'express'
import { COMPILER_HERE } from '../../compile/compiler.ts'
import type { PipelineForm } from '../../compile/pipeline-form.ts'
import type { CreatePipelineCommand } from '../../model/command.ts'
import { ZERO_SHA } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import { variable } from '../../model/variable.ts'
import type { PreviewResult } from '../../pipeline/preview.ts'
import type { Diagnostic } from '../../shared/diagnostic.ts'
import { renderDiagnostic } from '../../shared/source-text.ts'
import type { HttpOptions } from '../options.ts'
import type { Reply } from '../reply.ts'
import { pipelinePath } from '../urls.ts'
import type { Form } from './form.ts'
import { html } from './html-reply.ts'
import { NewPipelinePage, type PipelineRequest } from './new-pipeline-page.tsx'
import { done, projectRoute, type Outcome, type ProjectVisit, type WebContext } from './page-route.tsx'
import { readVariables, wrongKeys } from './read-variables.ts'

const NOTHING: PipelineForm = { variables: [], inputs: [] }

/** `/-/pipelines/new?ref=&var[K]=V&file_var[K]=V&inputs[K]=V` */
export function newPipelinePage(context: WebContext): RequestHandler {
  return projectRoute(context, (visit) => show(context, visit, requestOf(visit.query, visit.project), {}))
}

/** `POST /-/pipelines`: a pipeline, or with `do=preview` what it would be. */
export function createPipeline(context: WebContext): RequestHandler {
  const { options } = context
  return projectRoute(context, async (visit): Promise<Reply | Outcome> => {
    const { project, form, user } = visit
    const request = requestOf(form, project)
    const wrong = wrongKeys(request.variables)
    if (wrong !== undefined) return show(context, visit, request, { problems: [wrong] })
    await options.projects.refresh(project)
    const command = commandFor(project, request, user.id)
    if (form.text('do') === 'preview') {
      const preview = await options.engine.preview(command)
      return show(context, visit, request, { preview, problems: problemsOf(preview) })
    }
    const result = await options.engine.create(command)
    switch (result.kind) {
      case 'created':
        return done(pipelinePath(project.name, result.pipelineId), 'The pipeline was made.')
      case 'invalid': {
        const frames = result.diagnostics.map((each) => renderDiagnostic(each, result.sources))
        return show(context, visit, request, { problems: [firstMessage(result.diagnostics), ...frames] })
      }
      case 'refused': {
        const { message, detail } = result.refusal
        return show(context, visit, request, { problems: [message, ...(detail === null ? [] : [detail])] })
      }
    }
  })
}

interface Shown {
  readonly problems?: readonly string[]
  readonly preview?: PreviewResult
}

async function show(
  { options }: WebContext,
  { frame, project, user }: ProjectVisit,
  request: PipelineRequest,
  { problems = [], preview }: Shown,
): Promise<Reply> {
  const asked = await formOfRef(options, project, request, user.id)
  const refs = await options.projects.repository(project).refs()
  const names = new Set(asked.form.variables.map(({ key }) => key))
  // What the file does not ask for is shown as a variable of the caller's.
  const others = [...request.declared].filter(([key]) => !names.has(key))
  const rows = others.map(([key, value]) => ({ key, value, type: 'env_var' as const }))
  const all = [...problems, ...(problems.length === 0 ? asked.problems : [])]
  const page = (
    <NewPipelinePage
      frame={frame}
      project={project}
      request={{ ...request, variables: [...rows, ...request.variables] }}
      form={asked.form}
      refs={refs.map(({ name }) => name)}
      problems={all}
      preview={preview}
    />
  )
  return html(problems.length > 0 ? 422 : 200, { page, nonce: null })
}

function requestOf(form: Form, project: Project): PipelineRequest {
  const unlessEmpty = form.pairs('unless_empty')
  const inputs = [...form.pairs('inputs')].filter(([name, text]) => text !== '' || !unlessEmpty.has(name))
  const files = [...form.pairs('file_var')].map(([key, value]) => ({ key, value, type: 'file' as const }))
  return {
    ref: form.text('ref')?.trim() || project.defaultBranch,
    declared: form.pairs('var'),
    variables: [...files, ...readVariables(form, 'variables')],
    inputs: new Map(inputs),
  }
}

function commandFor(project: Project, request: PipelineRequest, userId: number): CreatePipelineCommand {
  return {
    projectId: project.id,
    source: 'web',
    checkout: { kind: 'ref', ref: request.ref },
    variables: [
      ...[...request.declared].map(([key, value]) => variable(key, value, 'web')),
      ...request.variables.map(({ key, value, type }) =>
        variable(key, value, 'web', { file: type === 'file' }),
      ),
    ],
    inputs: Object.fromEntries(request.inputs),
    userId,
    request: null,
    triggerId: null,
    sourceKey: null,
    // GitLab: save_on_errors is false for the page.
    saveInvalid: false,
    selection: null,
    configPath: null,
  }
}

/** What the CI file of a ref asks for. */
async function formOfRef(
  options: HttpOptions,
  project: Project,
  request: PipelineRequest,
  userId: number,
): Promise<{ readonly form: PipelineForm; readonly problems: readonly string[] }> {
  await options.projects.refresh(project)
  const repository = options.projects.repository(project)
  const ref = await repository.resolveRef(request.ref)
  if (ref === 'not_found') return { form: NOTHING, problems: ['Reference not found'] }
  if (ref === 'ambiguous') return { form: NOTHING, problems: ['Ref is ambiguous'] }
  const { lint } = options.compiler ?? COMPILER_HERE
  const result = await lint(
    {
      project,
      repository,
      configPath: project.configPath,
      treeSha: ref.sha,
      sha: ref.sha,
      beforeSha: ZERO_SHA,
      ref: ref.name,
      tag: ref.tag,
      tagMessage: ref.tagMessage,
      source: 'web',
      pipelineVariables: [],
      user: options.store.users.find(userId) ?? null,
      triggered: false,
      scheduleDescription: null,
      server: { url: options.externalUrl(), version: options.version },
      createdAt: options.clock.now(),
      inputs: Object.fromEntries(request.inputs),
      ...(options.includes ? { includes: options.includes(userId) } : {}),
      selection: null,
      forRun: false,
    },
    { simulate: false, jobs: false, form: true },
  )
  const form = result.form ?? NOTHING
  // A form that is still to be filled in is not wrong for what is missing.
  const missing = form.inputs.some((input) => input.required && !request.inputs.has(input.name))
  return { form, problems: missing ? [] : result.errors }
}

function problemsOf(preview: PreviewResult): readonly string[] {
  switch (preview.kind) {
    case 'plan':
      return []
    case 'invalid':
      return [firstMessage(preview.diagnostics), ...preview.diagnostics.map(placed)]
    case 'refused': {
      const { message, detail } = preview.refusal
      return [message, ...(detail === null ? [] : [detail])]
    }
  }
}

function firstMessage([first]: readonly Diagnostic[]): string {
  return first?.message ?? 'Invalid configuration format'
}

function placed({ message, location, help }: Diagnostic): string {
  const place = location ? `${location.file}:${location.line}:${location.column}: ` : ''
  return `${place}${message}${help === undefined ? '' : `\n${help}`}`
}
