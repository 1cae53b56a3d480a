import type { Commit } from '../../model/commit.ts'
import { commitTitle } from '../../model/commit.ts'
import type { Job } from '../../model/job.ts'
import type { Pipeline } from '../../model/pipeline.ts'
import type { JobVerdict } from '../../model/plan.ts'
import type { Project } from '../../model/project.ts'
import { isCompleted, type Status } from '../../model/status.ts'
import type { Variable } from '../../model/variable.ts'
import { compositeStatus, countedStatus } from '../../pipeline/composite-status.ts'
import { jobStatusWords, pipelineStatusWords, type StatusWords } from '../status-words.ts'
import { longDuration } from './duration.ts'
import { Facts } from './facts.tsx'
import { JobTable } from './job-table.tsx'
import { Layout } from './layout.tsx'
import { Moment } from './moment.tsx'
import { StatusBadge } from './status-badge.tsx'
import { VariableTable } from './variable-table.tsx'

interface PipelinePageProps {
  readonly project: Project
  readonly pipeline: Pipeline
  /** One sentence. */
  readonly cause: string
  /** Undefined when the repository no longer has it. */
  readonly commit: Commit | undefined
  readonly variables: readonly Variable[]
  /** All attempts, oldest first. */
  readonly jobs: readonly Job[]
  /** Jobs of the file that are not in the pipeline. */
  readonly leftOut: readonly JobVerdict[]
  readonly now: number
}

export function PipelinePage(props: PipelinePageProps) {
  const { project, pipeline, cause, variables, jobs, leftOut } = props
  const latest = jobs.filter((job) => !job.retried)
  const words = pipelineStatusWords(pipeline.status, latest.some(isWarning))
  return (
    <Layout
      title={`${words.label} · Pipeline #${pipeline.id} · ${project.name}`}
      crumbs={[{ text: project.name, href: '/' }]}
      live={!isCompleted(pipeline.status)}
    >
      <h1>
        {`Pipeline #${pipeline.id} `}
        <StatusBadge words={words} />
      </h1>
      {pipeline.name !== null && <p>{pipeline.name}</p>}
      <p class="cause">{cause}</p>
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
              now={props.now}
            />
          </section>
        ))}
      </section>
      <section aria-labelledby="variables">
        <h2 id="variables">Variables</h2>
        <VariableTable variables={variables} />
      </section>
      {leftOut.length > 0 && <LeftOut verdicts={leftOut} />}
    </Layout>
  )
}

function PipelineFacts({ pipeline, commit, now }: PipelinePageProps) {
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
      }}
    />
  )
}

function LeftOut({ verdicts }: { readonly verdicts: readonly JobVerdict[] }) {
  return (
    <section aria-labelledby="left-out">
      <h2 id="left-out">
        {verdicts.length === 1
          ? '1 job is not in this pipeline'
          : `${verdicts.length} jobs are not in this pipeline`}
      </h2>
      <div class="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Job</th>
              <th scope="col">Stage</th>
              <th scope="col">Because</th>
            </tr>
          </thead>
          <tbody>
            {verdicts.map((verdict) => (
              <tr key={verdict.job}>
                <th scope="row">{verdict.job}</th>
                <td>{verdict.stage}</td>
                <td>{verdict.because}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
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
  for (const job of jobs) stages.set(job.stageIndex, [...(stages.get(job.stageIndex) ?? []), job])
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
