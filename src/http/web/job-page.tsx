import { commitTitle, type Commit } from '../../model/commit.ts'
import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import type { Provenance } from '../../model/provenance.ts'
import { isCompleted } from '../../model/status.ts'
import type { Variable } from '../../model/variable.ts'
import { jobStatusWords } from '../status-words.ts'
import { pipelinePath, rawTracePath } from '../urls.ts'
import { longDuration } from './duration.ts'
import { Facts } from './facts.tsx'
import { failureWords } from './failure-words.ts'
import { jobDuration } from './job-table.tsx'
import { Layout } from './layout.tsx'
import { Moment } from './moment.tsx'
import type { ShownLog } from './read-log.ts'
import { StatusBadge } from './status-badge.tsx'
import { VariableTable } from './variable-table.tsx'

interface JobPageProps {
  readonly project: Project
  readonly pipeline: Pipeline
  readonly job: Job
  readonly provenance: Provenance | undefined
  /** One sentence. */
  readonly cause: string
  readonly commit: Commit | undefined
  readonly variables: readonly Variable[]
  readonly log: ShownLog
  /** Of the style element that colours the log; null when the style sheet is enough. */
  readonly nonce: string | null
  readonly now: number
}

export function JobPage(props: JobPageProps) {
  const { project, pipeline, job, log, nonce } = props
  const words = jobStatusWords(job.status)
  const triggered = pipeline.source === 'trigger' || pipeline.source === 'pipeline'
  return (
    <Layout
      title={`${words.label} · ${job.name} (#${job.id}) · ${project.name}`}
      crumbs={[
        { text: project.name, href: '/' },
        { text: `Pipeline #${pipeline.id}`, href: pipelinePath(project.name, pipeline.id) },
      ]}
      live={!isCompleted(job.status)}
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
      <JobFacts {...props} />
      {triggered ? <TriggerBlock {...props} /> : <p class="cause">{props.cause}</p>}
      <section aria-labelledby="log">
        <h2 id="log">Log</h2>
        <LogNote job={job} log={log} raw={rawTracePath(project.name, job.id)} />
        {log.size > 0 && <div class="log" dangerouslySetInnerHTML={{ __html: log.html }} />}
      </section>
    </Layout>
  )
}

function JobFacts({ pipeline, job, commit, now, project }: JobPageProps) {
  return (
    <Facts
      facts={{
        'Exit code': job.exitCode,
        'Failure reason':
          job.status === 'failed' ? failureWords(job.failureReason ?? 'unknown_failure') : null,
        Stage: job.stage,
        Pipeline: <a href={pipelinePath(project.name, pipeline.id)}>{`#${pipeline.id}`}</a>,
        [pipeline.tag ? 'Tag' : 'Branch']: <code>{pipeline.ref}</code>,
        Commit: (
          <>
            <code title={pipeline.sha}>{pipeline.sha.slice(0, 8)}</code>{' '}
            {commit ? commitTitle(commit.message) : ''}
          </>
        ),
        Isolation: job.isolation,
        Duration: jobDuration(job, now) || null,
        Queued:
          job.queuedAt === null || job.startedAt === null ? null : longDuration(job.startedAt - job.queuedAt),
        Created: <Moment at={job.createdAt} />,
        Attempt: job.attempt > 1 ? job.attempt : null,
        Remark: job.allowFailure ? 'This job is allowed to fail' : null,
      }}
    />
  )
}

/** What GitLab's job page shows of a trigger: part of the token, and the variables. */
function TriggerBlock({ provenance, cause, variables }: JobPageProps) {
  const trigger = provenance?.trigger
  return (
    <section class="trigger" aria-labelledby="trigger">
      <h2 id="trigger">Trigger</h2>
      <p class="cause">{cause}</p>
      {trigger && (
        <Facts facts={{ Token: <code>{trigger.short_token}</code>, Description: trigger.description }} />
      )}
      <h3>Trigger variables</h3>
      <VariableTable variables={variables} />
    </section>
  )
}

function LogNote({ job, log, raw }: { readonly job: Job; readonly log: ShownLog; readonly raw: string }) {
  if (log.size === 0) {
    return (
      <p class="quiet">
        {isCompleted(job.status) ? 'This job has no log.' : 'This job has not written anything yet.'}
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
