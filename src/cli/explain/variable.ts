import { environmentSlug } from '../../ci/variables/environment-slug.ts'
import { sortAndExpand } from '../../ci/variables/expand.ts'
import { environmentVariables } from '../../ci/variables/predefined-environment.ts'
import { groupName, jobFactVariables } from '../../ci/variables/predefined-job.ts'
import type { JobVerdict, VariableSource } from '../../model/plan.ts'
import { variable, type Variable, type VariableOrigin } from '../../model/variable.ts'
import { closest } from '../../shared/closest.ts'
import type { Location } from '../../shared/diagnostic.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { Failure } from '../failure.ts'
import { tableText } from '../table.ts'
import type { Explained } from './explained.ts'
import { findVerdict, headline } from './job.ts'
import { locationRecord } from './records.ts'

/** One that gives the variable a value. */
interface Claim {
  readonly origin: VariableOrigin
  readonly value: string
  readonly raw: boolean
  readonly masked: boolean
  readonly location: Location | null
  readonly note: string | null
}

export interface ExplainedVariable {
  readonly key: string
  readonly job: string | null
  readonly pipeline: Explained
  /** The winner first. */
  readonly claims: readonly Claim[]
  /** What jobs see; null when nothing is expanded. */
  readonly expanded: string | null
  /** Without `--job`: jobs that give it a value of their own. */
  readonly jobs: readonly string[]
  readonly near: string | undefined
}

/** Everybody who gives a variable a value, for the pipeline or as one of its jobs sees it. */
export function explainVariable(
  key: string,
  jobName: string | undefined,
  pipeline: Explained,
): Result<ExplainedVariable, Failure> {
  const verdict = jobName === undefined ? undefined : findVerdict(jobName, pipeline.verdicts)
  if (verdict && !verdict.ok) return verdict
  const all = claimsOf(verdict?.value, pipeline)
  const claims = all.filter((one) => one.key === key).toReversed()
  const known = new Set(all.map((one) => one.key))
  return ok({
    key,
    job: verdict?.value.job ?? null,
    pipeline,
    claims,
    expanded: expandedValue(key, all),
    jobs: verdict ? [] : jobsThatSet(key, pipeline),
    near: known.has(key) ? undefined : closest(key, known),
  })
}

type NamedClaim = Claim & { readonly key: string }

/** In order of rising precedence (GitLab's: JOB_LAYERS). */
function claimsOf(verdict: JobVerdict | undefined, { variables, origin }: Explained): NamedClaim[] {
  const outside = (layer: readonly Variable[]): NamedClaim[] =>
    layer.map((one) => ({ ...one, location: null, note: variables.note(one) }))
  const merged = verdict && variables.ofJob(verdict.job)
  const environment = verdict ? variables.environmentOf(verdict.job) : null
  const inside = (layer: readonly VariableSource[]): NamedClaim[] =>
    layer.map((one) => ({ ...one, raw: one.raw ?? isRaw(one, merged), masked: false, note: null }))
  const isInherited = ({ key }: VariableSource): boolean =>
    merged === undefined || merged.some((one) => one.key === key)
  return [
    ...outside(verdict ? jobFacts(verdict, origin) : []),
    ...outside(environment ? environmentVariables(environment) : []),
    ...outside(variables.predefined),
    ...inside(variables.global.filter(isInherited)),
    ...inside(verdict?.variables ?? []),
    ...outside(variables.user),
    ...outside(variables.project),
    ...outside(variables.pipeline),
    // GitLab: what is recorded about the environment is above all others.
    ...outside(
      environment ? [variable('CI_ENVIRONMENT_SLUG', environmentSlug(environment.name), 'predefined')] : [],
    ),
  ]
}

/** Variables that exist once a pipeline and its jobs do; nothing can be said of them before. */
const LATER: ReadonlyMap<string, string> = new Map([
  ...['CI_PIPELINE_ID', 'CI_PIPELINE_URL'].map((key) => [key, 'when the pipeline is made'] as const),
  ...[
    'CI_BUILDS_DIR',
    'CI_CONCURRENT_ID',
    'CI_CONCURRENT_PROJECT_ID',
    'CI_DISPOSABLE_ENVIRONMENT',
    'CI_ENVIRONMENT_ID',
    'CI_JOB_ID',
    'CI_JOB_STARTED_AT',
    'CI_JOB_STATUS',
    'CI_JOB_TIMEOUT',
    'CI_JOB_TOKEN',
    'CI_JOB_URL',
    'CI_PROJECT_DIR',
    'CI_REPOSITORY_URL',
    'CI_RUNNER_DESCRIPTION',
    'CI_RUNNER_EXECUTABLE_ARCH',
    'CI_RUNNER_ID',
    'CI_RUNNER_REVISION',
    'CI_RUNNER_SHORT_TOKEN',
    'CI_RUNNER_TAGS',
    'CI_RUNNER_VERSION',
    'CI_SERVER',
    'CI_SHARED_ENVIRONMENT',
  ].map((key) => [key, 'when the job runs'] as const),
  ['CI_TRIGGER_SHORT_TOKEN', 'in a job of a pipeline that a trigger token started'],
])

/** For pipelines that were stored without it. */
function isRaw({ key, value }: VariableSource, merged: readonly Variable[] | undefined): boolean {
  return merged?.some((one) => one.key === key && one.value === value && one.raw) ?? false
}

function jobFacts({ job, stage }: JobVerdict, origin: Explained['origin']): Variable[] {
  const plan = origin.kind === 'live' ? origin.jobs.find(({ name }) => name === job) : undefined
  return jobFactVariables({
    name: job,
    stage,
    parallel: plan?.parallel ?? null,
    image: plan?.options.image ?? null,
    manual: false,
    environment: null,
  })
}

function jobsThatSet(key: string, { verdicts }: Explained): string[] {
  const names = verdicts.flatMap(({ job, variables }) =>
    variables?.some((one) => one.key === key) ? [groupName(job)] : [],
  )
  return [...new Set(names)]
}

/** Undefined-like null when the value holds no reference, or a circle. */
function expandedValue(key: string, claims: readonly NamedClaim[]): string | null {
  const winners = new Map(claims.map((one) => [one.key, one]))
  const winner = winners.get(key)
  if (winner === undefined || winner.raw || !/[$%]/.test(winner.value)) return null
  const sorted = sortAndExpand(
    [...winners.values()].map((one) => variable(one.key, one.value, one.origin, { raw: one.raw })),
  )
  const value = sorted.ok ? sorted.value.find((one) => one.key === key)?.value : undefined
  const secrets = [...winners.values()].filter(({ masked, value: secret }) => masked && secret !== '')
  return value === undefined
    ? null
    : secrets.reduce((text, secret) => text.replaceAll(secret.value, MASKED), value)
}

const MASKED = '[MASKED]'
const valueOf = ({ value, masked }: Claim): string => (masked ? MASKED : value)

const LABELS: Readonly<Record<VariableOrigin, string>> = {
  predefined: 'predefined variable',
  global: 'global',
  workflow: 'workflow rule',
  job: 'job',
  matrix: 'matrix',
  rules: 'rule',
  user: 'user variable',
  dotenv: 'dotenv report',
  instance: 'instance variable',
  group: 'group variable',
  project: 'project variable',
  trigger: 'trigger variable',
  api: 'API variable',
  web: 'variable of the web page',
  run: '--variable',
  upstream: 'forwarded variable',
  schedule: 'schedule variable',
  manual: 'variable of the manual job',
}

export function variableText(explained: ExplainedVariable): string {
  const { key, job, claims, expanded, jobs, near, pipeline } = explained
  const [winner] = claims
  const whose = job === null ? headline(pipeline) : `${job} · ${headline(pipeline)}`
  const others = jobs.length === 0 ? '' : `  jobs with a value of their own: ${jobs.join(', ')}\n`
  if (winner === undefined) {
    const later = LATER.get(key)
    if (later !== undefined) return `${key} is set ${later}   ${whose}\n${others}`
    const close = near === undefined ? '' : `; "${near}" is close`
    return `${key} is not set   ${whose}${close}\n${others}`
  }
  const rows = claims.map((claim, index) => [
    `  ${index === 0 ? '▸' : ' '} ${LABELS[claim.origin]}`,
    oneLine(valueOf(claim)),
    claim.location === null ? (claim.note ?? '') : `${claim.location.file}:${claim.location.line}`,
  ])
  const [, ...lines] = tableText(['', '', ''], rows).split('\n')
  const expansion = winner.raw ? 'off' : (expanded ?? 'none')
  return `${key} = ${oneLine(valueOf(winner))}   ${whose}\n${lines.join('\n')}${others}  expansion: ${oneLine(expansion)} · masked: ${winner.masked ? 'yes' : 'no'}\n`
}

function oneLine(text: string): string {
  return text.length > 100 || text.includes('\n') ? `${JSON.stringify(text).slice(0, 100)}…` : text
}

export function variableRecord({ key, job, claims, expanded, jobs, pipeline }: ExplainedVariable) {
  const [winner] = claims
  return {
    what: 'var',
    key,
    job,
    source: pipeline.source,
    ref: pipeline.ref,
    sha: pipeline.sha,
    value: winner ? valueOf(winner) : null,
    expanded: winner?.masked ? null : expanded,
    masked: winner?.masked ?? false,
    raw: winner?.raw ?? false,
    layers: claims.map((claim, index) => ({
      origin: claim.origin,
      value: valueOf(claim),
      wins: index === 0,
      note: claim.note,
      ...(claim.location === null
        ? { file: null, line: null, column: null }
        : locationRecord(claim.location)),
    })),
    jobs,
  }
}
