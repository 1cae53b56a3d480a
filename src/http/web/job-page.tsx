import { commitTitle, type Commit } from '../../model/commit.ts'
import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { JobVerdict } from '../../model/plan.ts'
import type { Project } from '../../model/project.ts'
import type { Provenance } from '../../model/provenance.ts'
import { isCompleted } from '../../model/status.ts'
import type { Variable } from '../../model/variable.ts'
import { isRetryable } from '../../pipeline/retry-job.ts'
import type { ArtifactRow } from '../../store/artifacts.ts'
import { jobStatusWords } from '../status-words.ts'
import { jobPath, pipelinePath, rawTracePath } from '../urls.ts'
import { Action, Ask } from './action.tsx'
import { longDuration } from './duration.ts'
import { Facts } from './facts.tsx'
import { failureWords } from './failure-words.ts'
import { isEndable, isPlayable } from './job-actions.tsx'
import { JobArtifacts } from './job-artifacts.tsx'
import { jobDuration } from './job-table.tsx'
import { Layout, type Frame } from './layout.tsx'
import { Moment } from './moment.tsx'
import { environmentsPath, pipelinesPath } from './paths.ts'
import { PlayForm } from './play-form.tsx'
import type { ShownLog } from './read-log.ts'
import type { LinkedPipeline } from './related.ts'
import { RuleSteps } from './rule-steps.tsx'
import { StatusBadge } from './status-badge.tsx'
import { VisibleVariables } from './variable-keys.tsx'
import type { Waiting } from './waiting.ts'

interface JobPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly pipeline: Pipeline
  readonly job: Job
  readonly provenance: Provenance | undefined
  /** One sentence. */
  readonly cause: string
  readonly commit: Commit | undefined
  readonly variables: readonly Variable[]
  readonly variablesShown: boolean
  /** Typed in when the job was played. */
  readonly manualVariables: readonly Variable[]
  readonly log: ShownLog
  /** All attempts, this one too, oldest first. */
  readonly attempts: readonly Job[]
  readonly waiting: Waiting | undefined
  readonly downstream: LinkedPipeline | undefined
  readonly verdict: JobVerdict | undefined
  readonly artifacts: readonly ArtifactRow[]
  readonly archive: ArtifactRow | undefined
  readonly maintains: boolean
  readonly mayErase: boolean
  /** Of the style element that colours the log; null when the style sheet is enough. */
  readonly nonce: string | null
  readonly now: number
}

export function JobPage(props: JobPageProps) {
  const { frame, project, pipeline, job, log, nonce } = props
  const words = jobStatusWords(job.status)
  const triggered = pipeline.source === 'trigger' || pipeline.source === 'pipeline'
  const path = jobPath(project.name, job.id)
  return (
    <Layout
      title={`${words.label} · ${job.name} (#${job.id}) · ${project.name}`}
      frame={frame}
      crumbs={[
        { text: project.name, href: pipelinesPath(project.name) },
        { text: `Pipeline #${pipeline.id}`, href: pipelinePath(project.name, pipeline.id) },
      ]}
      live={isCompleted(job.status) ? null : { stream: `${path}/events`, refresh: !isPlayable(job) }}
      style={nonce === null ? null : { css: log.css, nonce }}
    >
      <h1>
        {`${job.name} `}
        <StatusBadge words={words} />
        {triggered && (
          <>
            {' '}
            <span class="badge pending">triggered</span>
          </>
        )}
      </h1>
      <WhyNotRun {...props} />
      <JobActions {...props} path={path} />
      <JobFacts {...props} />
      {triggered ? <TriggerBlock {...props} /> : <p class="cause">{props.cause}</p>}
      {props.manualVariables.length > 0 && (
        <section aria-labelledby="manual-variables">
          <h2 id="manual-variables">Variables of this job</h2>
          <VisibleVariables variables={props.manualVariables} shown={props.variablesShown} />
        </section>
      )}
      {!triggered && props.variables.length > 0 && (
        <section aria-labelledby="variables">
          <h2 id="variables">Variables</h2>
          <VisibleVariables variables={props.variables} shown={props.variablesShown} />
        </section>
      )}
      {props.verdict && (
        <section aria-labelledby="why">
          <h2 id="why">Why it is in the pipeline</h2>
          <p>{props.verdict.because}</p>
          {props.verdict.steps.length > 0 && <RuleSteps steps={props.verdict.steps} />}
        </section>
      )}
      <JobArtifacts {...props} project={project.name} />
      <section aria-labelledby="log">
        <h2 id="log">Log</h2>
        <LogNote job={job} log={log} raw={rawTracePath(project.name, job.id)} />
        {log.size > 0 && <div class="log" dangerouslySetInnerHTML={{ __html: log.html }} />}
      </section>
    </Layout>
  )
}

function WhyNotRun({ project, waiting }: JobPageProps) {
  if (!waiting) return null
  return (
    <p>
      {waiting.text}
      {waiting.jobs.map((other, index) => (
        <>
          {index === 0 ? ' ' : ', '}
          <a href={jobPath(project.name, other.id)}>{other.name}</a>
          {` (${other.status.replaceAll('_', ' ')})`}
        </>
      ))}
    </p>
  )
}

function JobActions({
  project,
  job,
  path,
  maintains,
  mayErase,
  log,
  artifacts,
}: JobPageProps & { readonly path: string }) {
  const leftSomething = log.size > 0 || artifacts.length > 0
  return (
    <>
      {isPlayable(job) && <PlayForm project={project.name} job={job} />}
      <div class="actions">
        {isRetryable(job) && <Action to={`${path}/retry`} text="Retry" keys="r" />}
        {isEndable(job) && <Action to={`${path}/cancel`} text="Cancel" keys="x" />}
        {job.status === 'scheduled' && <Action to={`${path}/unschedule`} text="Unschedule" />}
        {job.status === 'canceling' && maintains && (
          <Ask to={`${path}/cancel`} text="Force cancel" confirm="Kill it now" fields={{ force: '1' }}>
            <p>Its processes are killed; after_script does not go on.</p>
          </Ask>
        )}
        {mayErase && isCompleted(job.status) && job.erasedAt === null && leftSomething && (
          <Ask to={`${path}/erase`} text="Erase" confirm="Erase log and artifacts">
            <p>The log and the artifacts of this job go for good.</p>
          </Ask>
        )}
      </div>
    </>
  )
}

function JobFacts(props: JobPageProps) {
  const { pipeline, job, commit, now, project, attempts, downstream } = props
  return (
    <Facts
      facts={{
        'Exit code': job.exitCode,
        'Failure reason':
          job.status === 'failed' ? failureWords(job.failureReason ?? 'unknown_failure') : null,
        Erased: job.erasedAt === null ? null : <Moment at={job.erasedAt} />,
        Stage: job.stage,
        Pipeline: <a href={pipelinePath(project.name, pipeline.id)}>{`#${pipeline.id}`}</a>,
        'Downstream pipeline': downstream && (
          <>
            <a
              href={pipelinePath(downstream.project, downstream.id)}
            >{`${downstream.project} #${downstream.id}`}</a>{' '}
            {downstream.status}
          </>
        ),
        [pipeline.tag ? 'Tag' : 'Branch']: <code>{pipeline.ref}</code>,
        Commit: (
          <>
            <code title={pipeline.sha}>{pipeline.sha.slice(0, 8)}</code>{' '}
            {commit ? commitTitle(commit.message) : ''}
          </>
        ),
        Isolation: job.isolation,
        Environment: job.environment && <a href={environmentsPath(project.name)}>{job.environment}</a>,
        'Resource group': job.resourceGroup,
        Tags: job.tags.length > 0 ? job.tags.join(', ') : null,
        Needs: job.needs.length > 0 ? job.needs.map((need) => need.job).join(', ') : null,
        Duration: jobDuration(job, now) || null,
        Queued:
          job.queuedAt === null || job.startedAt === null ? null : longDuration(job.startedAt - job.queuedAt),
        Timeout: job.timeout === null ? null : longDuration(job.timeout * 1000),
        Coverage: job.coverage === null ? null : `${job.coverage} %`,
        Created: <Moment at={job.createdAt} />,
        Attempt: attempts.length > 1 ? <Attempts {...props} /> : job.attempt > 1 ? job.attempt : null,
        Remark: job.allowFailure ? 'This job is allowed to fail' : null,
      }}
    />
  )
}

function Attempts({ project, job, attempts }: JobPageProps) {
  return (
    <>
      {attempts.map((other) => (
        <>
          {other.id === job.id ? (
            <strong>{other.attempt}</strong>
          ) : (
            <a href={jobPath(project.name, other.id)}>{other.attempt}</a>
          )}
          {` ${other.status} `}
        </>
      ))}
    </>
  )
}

/** What GitLab's job page shows of a trigger: part of the token, and the variables. */
function TriggerBlock({ provenance, cause, variables, variablesShown }: JobPageProps) {
  const trigger = provenance?.trigger
  return (
    <section class="trigger" aria-labelledby="trigger">
      <h2 id="trigger">Trigger</h2>
      <p class="cause">{cause}</p>
      {trigger && (
        <Facts facts={{ Token: <code>{trigger.short_token}</code>, Description: trigger.description }} />
      )}
      <h3>Trigger variables</h3>
      <VisibleVariables variables={variables} shown={variablesShown} />
    </section>
  )
}

function LogNote({ job, log, raw }: { readonly job: Job; readonly log: ShownLog; readonly raw: string }) {
  if (log.size === 0) {
    return (
      <p class="quiet">
        {job.erasedAt !== null
          ? 'The log was erased.'
          : isCompleted(job.status)
            ? 'This job has no log.'
            : 'This job has not written anything yet.'}
      </p>
    )
  }
  const note =
    log.skipped === 0
      ? ''
      : `The last part of a log of ${log.size} bytes: ${log.skipped} bytes at its begin are left out. `
  return (
    <p class="quiet">
      {note}
      <a href={raw}>{log.skipped === 0 ? 'Raw log' : 'The whole log'}</a>
    </p>
  )
}
