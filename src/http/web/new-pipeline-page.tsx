import type { FormInput, PipelineForm } from '../../compile/pipeline-form.ts'
import type { Project } from '../../model/project.ts'
import type { PreviewResult } from '../../pipeline/preview.ts'
import { Field } from './field.tsx'
import { Layout, type Frame } from './layout.tsx'
import { newPipelinePath, pipelinesPath } from './paths.ts'
import { RuleSteps, VerdictTable } from './rule-steps.tsx'
import { VariableRows, type FormVariable } from './variable-rows.tsx'

/** What stands in the fields. */
export interface PipelineRequest {
  readonly ref: string
  /** Of the declared variables: what was changed or given in the address. */
  readonly declared: ReadonlyMap<string, string>
  readonly variables: readonly FormVariable[]
  readonly inputs: ReadonlyMap<string, string>
}

interface NewPipelinePageProps {
  readonly frame: Frame
  readonly project: Project
  readonly request: PipelineRequest
  readonly form: PipelineForm
  /** Names of branches and tags, to choose from. */
  readonly refs: readonly string[]
  /** Why no pipeline was made: GitLab's sentence first, then places and frames. */
  readonly problems: readonly string[]
  /** What would be made; undefined when nobody asked. */
  readonly preview: PreviewResult | undefined
}

const BLANK_ROWS = 3

export function NewPipelinePage(props: NewPipelinePageProps) {
  const { frame, project, request, form, refs, problems, preview } = props
  return (
    <Layout
      title={`New pipeline · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
    >
      <h1>New pipeline</h1>
      {problems.length > 0 && <Problems problems={problems} />}
      <form class="filter" method="get" action={newPipelinePath(project.name)}>
        <label>
          Branch or tag <input name="ref" value={request.ref} list="refs" autocomplete="off" required />
        </label>
        <button>Show its variables</button>
        <datalist id="refs">
          {refs.map((ref) => (
            <option key={ref} value={ref} />
          ))}
        </datalist>
      </form>
      <form class="fields" method="post" action={pipelinesPath(project.name)}>
        <input type="hidden" name="ref" value={request.ref} />
        <p>
          {'On '}
          <code>{request.ref}</code>
        </p>
        {form.inputs.length > 0 && <h2>Inputs</h2>}
        {form.inputs.map((input) => (
          <>
            <InputField key={input.name} input={input} value={request.inputs.get(input.name)} />
            {input.default === null && !input.required && (
              <input type="hidden" name={`unless_empty[${input.name}]`} value="1" />
            )}
          </>
        ))}
        {form.variables.length > 0 && <h2>Variables of this configuration</h2>}
        {form.variables.map(({ key, value, description, options }) => (
          <Field
            key={key}
            name={`var[${key}]`}
            label={key}
            value={request.declared.get(key) ?? value}
            hint={description}
            options={options}
          />
        ))}
        <VariableRows name="variables" rows={request.variables} blank={BLANK_ROWS} />
        <div class="actions">
          <button name="do" value="run">
            Run pipeline
          </button>
          <button name="do" value="preview">
            Preview
          </button>
        </div>
      </form>
      {preview && <Preview preview={preview} />}
    </Layout>
  )
}

function InputField({ input, value }: { readonly input: FormInput; readonly value: string | undefined }) {
  const what = input.type === 'array' ? 'a list, as JSON' : input.type
  return (
    <Field
      name={`inputs[${input.name}]`}
      label={input.name}
      value={value ?? input.default ?? ''}
      required={input.required}
      options={input.options ?? (input.type === 'boolean' ? ['true', 'false'] : null)}
      hint={[input.description, `(${what})`].filter(Boolean).join(' ')}
    />
  )
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  const [first = '', ...more] = problems
  return (
    <div class="said problem" role="alert">
      <p>{first}</p>
      {more.map((text) => (
        <pre class="error" key={text}>
          {text}
        </pre>
      ))}
    </div>
  )
}

/** The pipeline that would be made now. */
function Preview({ preview }: { readonly preview: PreviewResult }) {
  if (preview.kind === 'invalid') return null
  if (preview.kind === 'refused') {
    return (
      <section aria-labelledby="preview">
        <h2 id="preview">Nothing would run</h2>
        {preview.workflow.length > 0 && <RuleSteps steps={preview.workflow} />}
        {preview.excluded.length > 0 && (
          <VerdictTable caption="Jobs that would be left out" verdicts={preview.excluded} />
        )}
      </section>
    )
  }
  const { plan, warnings } = preview
  return (
    <section aria-labelledby="preview">
      <h2 id="preview">
        {plan.jobs.length === 1 ? '1 job would run' : `${plan.jobs.length} jobs would be made`}
      </h2>
      {plan.name !== null && <p>{plan.name}</p>}
      {warnings.map(({ message }) => (
        <p class="legacy" key={message}>
          {message}
        </p>
      ))}
      {plan.stages.map((stage) => (
        <section key={stage}>
          <h3>{stage}</h3>
          <ul>
            {plan.jobs
              .filter((job) => job.stage === stage)
              .map((job) => (
                <li key={job.name}>
                  <strong>{job.name}</strong>
                  {job.when === 'on_success' ? '' : ` (${job.when.replaceAll('_', ' ')})`}
                  <span class="quiet">{` ${job.verdict.because}`}</span>
                </li>
              ))}
          </ul>
        </section>
      ))}
      {plan.excluded.length > 0 && (
        <>
          <h3>Left out</h3>
          <VerdictTable caption="Jobs that would be left out" verdicts={plan.excluded} />
        </>
      )}
    </section>
  )
}
