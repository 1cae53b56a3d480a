import type { JobPlan, JobVerdict, PipelinePlan, TraceStep } from '../../../model/plan.ts'
import type { PreviewResult } from '../../../pipeline/preview.ts'
import { problemReply, type Problem } from '../../problems.ts'
import { json, type Reply } from '../../reply.ts'
import { sanitized } from '../../sanitized.ts'

/** The answer to a dry run: the plan, or GitLab's refusal with the rules that led to it. */
export function dryRunReply(preview: PreviewResult): {
  readonly reply: Reply
  readonly reason: string | null
} {
  switch (preview.kind) {
    case 'plan':
      return { reply: json(200, planEntity(preview)), reason: null }
    case 'invalid': {
      const errors = preview.diagnostics.map(({ message }) => message)
      const text = errors[0] ?? 'Invalid configuration format'
      return {
        reply: json(422, { message: { base: [sanitized(text)] }, dry_run: true, errors }),
        reason: text,
      }
    }
    case 'refused': {
      const problem: Problem = { kind: 'refused', refusal: preview.refusal }
      const { status } = problemReply(problem)
      const body = {
        message: { base: [sanitized(preview.refusal.message)] },
        dry_run: true,
        excluded: preview.excluded.map(verdictEntity),
        workflow: preview.workflow.map(stepEntity),
      }
      return { reply: json(status, body), reason: preview.refusal.detail ?? preview.refusal.message }
    }
  }
}

function planEntity({ project, target, plan, warnings }: Extract<PreviewResult, { kind: 'plan' }>) {
  return {
    dry_run: true,
    project_id: project.id,
    ref: target.ref,
    tag: target.tag,
    sha: target.sha,
    name: plan.name,
    stages: plan.stages.map((stage) => ({ name: stage, jobs: jobsOf(plan, stage) })),
    excluded: plan.excluded.map(verdictEntity),
    workflow: plan.workflow.map(stepEntity),
    warnings: warnings.map(({ message }) => message),
  }
}

function jobsOf(plan: PipelinePlan, stage: string) {
  return plan.jobs.filter((job) => job.stage === stage).map(jobEntity)
}

function jobEntity(job: JobPlan) {
  return {
    name: job.name,
    stage: job.stage,
    when: job.when,
    start_in: job.startIn,
    allow_failure: job.allowFailure,
    needs: job.needs.map(({ job: name, optional, artifacts }) => ({ name, optional, artifacts })),
    tag_list: job.tags,
    environment: job.options.environment?.name ?? null,
    because: job.verdict.because,
    rules: job.verdict.steps.map(stepEntity),
  }
}

function verdictEntity({ job, stage, because, steps }: JobVerdict) {
  return { name: job, stage, because, rules: steps.map(stepEntity) }
}

function stepEntity({ label, matched, clause, detail, location }: TraceStep) {
  return { label, matched, clause, detail, file: location.file, line: location.line }
}
