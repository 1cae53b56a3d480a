import type { Commit } from '../../model/commit.ts'
import { commitTitle } from '../../model/commit.ts'
import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { JobVerdict, TraceStep } from '../../model/plan.ts'
import type { Project } from '../../model/project.ts'
import { isCompleted, type Status } from '../../model/status.ts'
import type { TestReportSummary } from '../../model/test-report.ts'
import type { Variable } from '../../model/variable.ts'
import { compositeStatus, countedStatus } from '../../pipeline/composite-status.ts'
import { isRetryable } from '../../pipeline/retry-job.ts'
import { jobStatusWords, pipelineStatusWords, type StatusWords } from '../status-words.ts'
import { pipelinePath } from '../urls.ts'
import { Action, Ask } from './action.tsx'
import { longDuration } from './duration.ts'
import { Facts } from './facts.tsx'
import { JobTable } from './job-table.tsx'
import { Layout, type Frame } from './layout.tsx'
import { Moment } from './moment.tsx'
import { newPipelinePath, pipelinesPath, queryOf, testReportPath } from './paths.ts'
import { ProvenanceSection, type Origin } from './provenance-section.tsx'
import type { LinkedPipeline } from './related.ts'
import { RuleSteps, VerdictTable } from './rule-steps.tsx'
import { shownValues } from './shown-value.ts'
import { StatusBadge } from './status-badge.tsx'
import { VisibleVariables } from './variable-keys.tsx'

interface PipelinePageProps {
  readonly frame: Frame
  readonly project: Project
  readonly pipeline: Pipeline
  /** One sentence. */
  readonly cause: string
  readonly origin: Origin
  /** Undefined when the repository no longer has it. */
  readonly commit: Commit | undefined
  readonly variables: readonly Variable[]
  readonly variablesShown: boolean
  /** All attempts, oldest first. */
  readonly jobs: readonly Job[]
  readonly downstream: ReadonlyMap<number, LinkedPipeline>
  /** Why jobs are in the pipeline, and why others are not. */
  readonly verdicts: readonly JobVerdict[]
  readonly workflow: readonly TraceStep[]
  /** Undefined: no job has left a report. */
  readonly tests: TestReportSummary | undefined
  readonly coverage: string | null
  readonly maintains: boolean
  readonly owns: boolean
  readonly now: number
}

export function PipelinePage(props: PipelinePageProps) {
  const { frame, project, pipeline, cause, variables, jobs } = props
  const latest = jobs.filter((job) => !job.retried)
  const words = pipelineStatusWords(pipeline.status, latest.some(isWarning))
  const path = pipelinePath(project.name, pipeline.id)
  return (
    <Layout
      title={`${words.label} · Pipeline #${pipeline.id} · ${project.name}`}
      frame={frame}
      crumbs={[{ text: project.name, href: pipelinesPath(project.name) }]}
      live={isCompleted(pipeline.status) ? null : { stream: `${path}/events`, refresh: true }}
    >
      <h1>
        {`Pipeline #${pipeline.id} `}
        <StatusBadge words={words} />
      </h1>
      {pipeline.name !== null && <p>{pipeline.name}</p>}
      <p class="cause">{cause}</p>
      <PipelineActions {...props} latest={latest} path={path} />
      <PipelineFacts {...props} />
      {pipeline.configError !== null && (
        <section aria-labelledby="error">
          <h2 id="error">The configuration is wrong</h2>
          <pre class="error">{pipeline.configError}</pre>
        </section>
      )}
      <section aria-labelledby="jobs">
        <h2 id="jobs">Jobs</h2>
        {latest.length === 0 && <p class="quiet">This pipeline has no jobs.</p>}
        {stagesOf(latest).map((stage) => (
          <section key={stage.name} aria-labelledby={`stage-${stage.index}`}>
            <h3 id={`stage-${stage.index}`}>
              {`${stage.name} `}
              <StatusBadge words={stage.words} />
            </h3>
            <JobTable
              caption={`Jobs of stage ${stage.name}`}
              projectName={project.name}
              jobs={stage.jobs}
              retried={jobs.filter((job) => job.retried)}
              downstream={props.downstream}
              now={props.now}
            />
          </section>
        ))}
      </section>
      <Tests {...props} />
      <section aria-labelledby="variables">
        <h2 id="variables">Variables</h2>
        <VisibleVariables variables={variables} shown={props.variablesShown} />
      </section>
      <Why {...props} />
      <ProvenanceSection
        {...props.origin}
        project={project.name}
        pipeline={pipeline}
        maintains={props.maintains}
      />
    </Layout>
  )
}

interface PipelineActionsProps extends PipelinePageProps {
  readonly latest: readonly Job[]
  readonly path: string
}

function PipelineActions(props: PipelineActionsProps) {
  const { project, pipeline, variables, latest, path, owns, variablesShown } = props
  const again = latest.some(
    (job) => (job.status === 'failed' || job.status === 'canceled') && isRetryable(job),
  )
  const variable = Object.fromEntries(
    variablesShown
      ? shownValues(variables).flatMap((shown, index) =>
          shown.kind === 'text' ? [[`var[${variables[index]?.key ?? ''}]`, shown.text]] : [],
        )
      : [],
  )
  // An address has a limit, and a page has no need to repeat what is long.
  const query = queryOf({ ref: pipeline.ref, ...variable })
  const target = query.length > 4000 ? queryOf({ ref: pipeline.ref }) : query
  return (
    <div class="actions">
      {again && <Action to={`${path}/retry`} text="Retry" label="Retry failed and canceled jobs" keys="r" />}
      {!isCompleted(pipeline.status) && <Action to={`${path}/cancel`} text="Cancel pipeline" keys="x" />}
      {owns && (
        <Ask to={`${path}/delete`} text="Delete" confirm="Delete pipeline">
          <p>The pipeline goes with its jobs, logs and artifacts. This cannot be taken back.</p>
        </Ask>
      )}
      <a href={newPipelinePath(project.name) + target}>Run again with changes</a>
    </div>
  )
}

function PipelineFacts({ pipeline, commit, coverage, now }: PipelinePageProps) {
  const { startedAt } = pipeline
  return (
    <Facts
      facts={{
        [pipeline.tag ? 'Tag' : 'Branch']: <code>{pipeline.ref}</code>,
        Commit: (
          <>
            <code title={pipeline.sha}>{pipeline.sha.slice(0, 8)}</code>{' '}
            {commit ? commitTitle(commit.message) : ''}
          </>
        ),
        Author: commit?.authorName,
        Created: <Moment at={pipeline.createdAt} />,
        Queued: startedAt === null ? null : longDuration(startedAt - pipeline.createdAt),
        Duration: startedAt === null ? null : longDuration((pipeline.finishedAt ?? now) - startedAt),
        Source: pipeline.source,
        Coverage: coverage === null ? null : `${coverage} %`,
      }}
    />
  )
}

function Tests({ project, pipeline, tests }: PipelinePageProps) {
  if (!tests) return null
  const { total } = tests
  return (
    <section aria-labelledby="tests">
      <h2 id="tests">Tests</h2>
      <p>
        <a href={testReportPath(project.name, pipeline.id)}>{`${total.count} tests`}</a>
        {`: ${total.success} passed, ${total.failed} failed, ${total.error} with errors, ${total.skipped} skipped.`}
        {tests.test_suites.some((suite) => suite.suite_error !== null) && (
          <span class="failed"> A report could not be read.</span>
        )}
      </p>
    </section>
  )
}

/** Which rules let jobs in, and which left them out. */
function Why({ verdicts, workflow }: PipelinePageProps) {
  const inside = verdicts.filter((verdict) => verdict.in)
  const out = verdicts.filter((verdict) => !verdict.in)
  return (
    <>
      {out.length > 0 && (
        <section aria-labelledby="left-out">
          <h2 id="left-out">
            {out.length === 1
              ? '1 job is not in this pipeline'
              : `${out.length} jobs are not in this pipeline`}
          </h2>
          <VerdictTable caption="Jobs that are not in this pipeline" verdicts={out} />
        </section>
      )}
      {(inside.length > 0 || workflow.length > 0) && (
        <section aria-labelledby="why">
          <h2 id="why">Why</h2>
          {workflow.length > 0 && <RuleSteps steps={workflow} />}
          {inside.length > 0 && (
            <details>
              <summary>{`Why each of ${inside.length} jobs is in this pipeline`}</summary>
              <VerdictTable caption="Jobs that are in this pipeline" verdicts={inside} />
            </details>
          )}
        </section>
      )}
    </>
  )
}

interface Stage {
  readonly name: string
  readonly index: number
  readonly jobs: readonly Job[]
  readonly words: StatusWords
}

function stagesOf(jobs: readonly Job[]): Stage[] {
  const stages = new Map<number, Job[]>()
  for (const job of jobs) {
    const members = stages.get(job.stageIndex)
    if (members) members.push(job)
    else stages.set(job.stageIndex, [job])
  }
  return [...stages]
    .toSorted(([a], [b]) => a - b)
    .map(([index, members]) => ({
      name: members[0]?.stage ?? '',
      index,
      jobs: members,
      words: stageWords(members),
    }))
}

function stageWords(jobs: readonly Job[]): StatusWords {
  const status: Status = compositeStatus(new Set(jobs.map(countedStatus)))
  return status === 'success' ? pipelineStatusWords(status, jobs.some(isWarning)) : jobStatusWords(status)
}

function isWarning(job: Job): boolean {
  return job.allowFailure && (job.status === 'failed' || job.status === 'canceled')
}
