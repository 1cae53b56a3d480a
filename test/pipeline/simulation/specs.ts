// What random pipelines are made of, and how they become plans without a CI file.
import fc from 'fast-check'
import type { JobOptions, JobPlan, PipelinePlan, When } from '../../../src/model/plan.ts'

export interface JobSpec {
  readonly name: string
  readonly stage: number
  readonly when: When
  readonly startIn: number
  readonly allowFailure: boolean
  readonly allowCodes: readonly number[]
  /** Names; null: scheduled by stages. */
  readonly needs: readonly string[] | null
  readonly retry: {
    readonly max: number
    readonly when: readonly string[]
    readonly exitCodes: readonly number[]
  } | null
  readonly group: string | null
  readonly interruptible: boolean
  readonly bridge: { readonly strategy: 'depend' | 'mirror' | null; readonly child: string } | null
}

export interface PlanSpec {
  readonly key: string
  readonly jobs: readonly JobSpec[]
  readonly onJobFailure: 'none' | 'all'
  readonly onNewCommit: 'conservative' | 'interruptible' | 'none'
}

/** kind of step, two numbers that choose. */
export type Step = readonly [kind: StepKind, pick: number, more: number]

export type StepKind =
  | 'new'
  | 'turn'
  | 'take'
  | 'end'
  | 'play'
  | 'retry'
  | 'cancel'
  | 'force'
  | 'unschedule'
  | 'retryPipeline'
  | 'cancelPipeline'
  | 'wait'
  | 'setClock'
  | 'mode'
  | 'crash'
  | 'rest'

export interface Case {
  readonly plans: readonly PlanSpec[]
  readonly steps: readonly Step[]
}

const CHILDREN = 2
const whens = fc.constantFrom<When>(
  'on_success',
  'on_success',
  'on_success',
  'on_failure',
  'always',
  'manual',
  'delayed',
)
const retries = fc.constantFrom<JobSpec['retry']>(
  null,
  null,
  null,
  { max: 1, when: ['always'], exitCodes: [] },
  { max: 2, when: ['runner_system_failure'], exitCodes: [] },
  { max: 2, when: [], exitCodes: [3] },
  { max: 2, when: ['script_failure', 'stale_schedule', 'stuck_or_timeout_failure'], exitCodes: [] },
)
const groups = fc.constantFrom(null, null, null, null, 'g', 'h')
const startIns = fc.constantFrom(5, 600, 7200)
const codes = fc.constantFrom<readonly number[]>([], [], [3])
const bridges = fc.constantFrom<'none' | 'depend' | 'mirror' | null>(
  null,
  null,
  null,
  null,
  null,
  'none',
  'depend',
  'mirror',
)

const rawJob = fc.record({
  stage: fc.nat(3),
  when: whens,
  startIn: startIns,
  allowFailure: fc.boolean(),
  codes,
  needs: fc.option(fc.array(fc.nat(9), { maxLength: 3 }), { freq: 2 }),
  absent: fc.boolean(),
  retry: retries,
  group: groups,
  interruptible: fc.boolean(),
  bridge: bridges,
  child: fc.nat(CHILDREN - 1),
})

/** `depth`: 0 for those that nobody includes; what the deepest have of bridges starts nothing more. */
function plan(key: string, depth: number, most: number): fc.Arbitrary<PlanSpec> {
  return fc
    .record({
      jobs: fc.array(rawJob, { minLength: Math.min(2, most - 1), maxLength: most, size: 'max' }),
      onJobFailure: fc.constantFrom<'none' | 'all'>('none', 'none', 'all'),
      onNewCommit: fc.constantFrom<PlanSpec['onNewCommit']>('conservative', 'interruptible', 'none'),
    })
    .map(({ jobs, ...rest }) => ({ key, ...rest, jobs: named(jobs, key, depth) }))
}

type RawJob = typeof rawJob extends fc.Arbitrary<infer T> ? T : never

function named(rows: readonly RawJob[], key: string, depth: number): JobSpec[] {
  const sorted = rows.toSorted((a, b) => a.stage - b.stage)
  return sorted.map((row, index) => {
    const bridge = row.bridge !== null && depth < 2 ? row.bridge : null
    const needs = row.needs && [
      ...new Set(row.needs.filter((need) => need < index).map((need) => `${key}${need}`)),
      ...(row.absent ? ['absent'] : []),
    ]
    return {
      name: `${key}${index}`,
      stage: row.stage,
      when: row.when,
      startIn: row.startIn,
      allowFailure: row.allowFailure,
      allowCodes: bridge || row.allowFailure ? [] : row.codes,
      needs,
      retry: bridge ? null : row.retry,
      group: bridge ? null : row.group,
      interruptible: row.interruptible,
      bridge:
        bridge === null
          ? null
          : { strategy: bridge === 'none' ? null : bridge, child: `${'cd'[depth] ?? 'd'}${row.child}-` },
    }
  })
}

const kinds: Readonly<Record<StepKind, number>> = {
  new: 3,
  turn: 12,
  take: 14,
  end: 14,
  play: 4,
  retry: 2,
  cancel: 1,
  force: 1,
  unschedule: 1,
  retryPipeline: 1,
  cancelPipeline: 1,
  wait: 3,
  setClock: 1,
  mode: 1,
  crash: 9,
  rest: 5,
}
const weighted = Object.entries(kinds).flatMap(([kind, times]) =>
  Array.from({ length: times }, () => kind as StepKind),
)
const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom(...weighted), fc.nat(60), fc.nat(60))

/** Two plans that are started, two that are their children, and two that are children of children. */
export const cases: fc.Arbitrary<Case> = fc
  .record({
    a: plan('a', 0, 7),
    b: plan('b', 0, 5),
    c0: plan('c0-', 1, 3),
    c1: plan('c1-', 1, 3),
    d0: plan('d0-', 2, 2),
    d1: plan('d1-', 2, 2),
    steps: fc.array(step, { minLength: 10, maxLength: 45, size: 'max' }),
  })
  .map(({ steps, ...plans }) => ({ steps, plans: Object.values(plans) }))

const NOWHERE = { file: '.gitlab-ci.yml', line: 1, column: 1, length: 1 } as never

/** The plan that the real compiler would have made. */
export function toPlan(spec: PlanSpec): PipelinePlan {
  return {
    name: spec.key,
    stages: [...new Set(spec.jobs.map(({ stage }) => `s${stage}`))],
    jobs: spec.jobs.map(toJob),
    excluded: [],
    workflow: [],
    autoCancel: { onNewCommit: spec.onNewCommit, onJobFailure: spec.onJobFailure },
  }
}

function toJob(spec: JobSpec): JobPlan {
  const { name, bridge } = spec
  const options: JobOptions = {
    beforeScript: [],
    script: bridge ? [] : ['true'],
    afterScript: [],
    image: null,
    services: [],
    artifacts: null,
    timeout: null,
    retry: spec.retry,
    coverage: null,
    environment: null,
    ...(bridge && {
      trigger: {
        strategy: bridge.strategy,
        forward: { yamlVariables: true, pipelineVariables: false },
        kind: 'child' as const,
        includes: [{ local: bridge.child }],
      },
    }),
  }
  return {
    name,
    stage: `s${spec.stage}`,
    stageIndex: spec.stage,
    when: spec.when,
    startIn: spec.when === 'delayed' ? spec.startIn : null,
    allowFailure: spec.allowFailure,
    allowFailureExitCodes: spec.allowCodes,
    scheduling: spec.needs ? 'dag' : 'stage',
    needs: (spec.needs ?? []).map((job) => ({ job, artifacts: true, optional: job === 'absent' })),
    dependencies: null,
    tags: [],
    interruptible: spec.interruptible,
    resourceGroup: spec.group,
    variables: [],
    options,
    parallel: null,
    verdict: { job: name, stage: `s${spec.stage}`, in: true, because: '', steps: [], location: NOWHERE },
  }
}

/** One line a job, with what differs from the default. */
export function describePlan(spec: PlanSpec): string {
  const jobs = spec.jobs.map((job) => {
    const facts = [
      `stage ${job.stage}`,
      job.when === 'on_success' ? '' : job.when === 'delayed' ? `delayed ${job.startIn} s` : job.when,
      job.allowFailure ? 'may fail' : '',
      job.allowCodes.length > 0 ? `may fail with ${job.allowCodes.join()}` : '',
      job.needs ? `needs [${job.needs.join(', ')}]` : '',
      job.retry ? `retry ${JSON.stringify(job.retry)}` : '',
      job.group === null ? '' : `group ${job.group}`,
      job.interruptible ? 'interruptible' : '',
      job.bridge ? `starts ${job.bridge.child} (${job.bridge.strategy ?? 'no strategy'})` : '',
    ]
    return `    ${job.name}: ${facts.filter(Boolean).join(', ')}`
  })
  return `  plan ${spec.key} (a failure cancels ${spec.onJobFailure}; a new commit: ${spec.onNewCommit})\n${jobs.join('\n')}`
}
