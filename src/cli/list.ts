import { compilePipeline, type CompileOutcome } from '../compile/compile.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { keptAnswer, type Answer } from '../compile/kept-answers.ts'
import type { CommandContext } from './context.ts'
import { answerStore, buildOf } from './answer-store.ts'
import { EXIT } from './exit-code.ts'
import { failure, renderFailure, type Failure } from './failure.ts'
import { jobRows, type JobRow } from './job-rows.ts'
import { missingConfig } from './missing-config.ts'
import { SCHEMA } from './run-record.ts'
import { readSituation } from './situation.ts'
import type { SituationFlags } from './situation-flags.ts'
import { tableText } from './table.ts'
import { terminalText } from './terminal-text.ts'
import { counted } from './words.ts'

export interface ListFlags extends SituationFlags {
  readonly all: boolean
  readonly csv: boolean
  readonly json: boolean
}

/** `sluice list`: the jobs that `sluice run` with the same options would run. */
export async function listCommand(flags: ListFlags, context: CommandContext): Promise<number> {
  const listed = await readList(flags, context)
  if (!listed.ok) {
    context.err(renderFailure(listed.error))
    return listed.error.exitCode
  }
  const { rows, message } = listed.value
  const shown = flags.all ? rows : rows.filter((row) => row.in)
  if (flags.json) context.out(`${jsonText(shown)}\n`)
  else if (flags.csv) context.out(csvText(shown))
  else context.out(terminalText(tableWithCount(shown, rows, flags.all), false))
  if (message !== null) context.err(`${message}\n`)
  return message === null ? EXIT.success : EXIT.nothingToRun
}

interface Listed {
  readonly rows: readonly JobRow[]
  /** Why there is no pipeline, in GitLab's words. */
  readonly message: string | null
}

async function readList(flags: ListFlags, context: CommandContext): Promise<Result<Listed, Failure>> {
  const situation = await readSituation(flags, context)
  if (!situation.ok) return situation
  try {
    const { request } = situation.value
    return await keptAnswer(
      answerStore(context),
      { about: ['list', buildOf(context)], request },
      async (asked) => listAnswer(await compilePipeline(asked), asked.configPath),
    )
  } finally {
    situation.value.close()
  }
}

/** Refusals are not kept: they are found early, and hold the files themselves. */
function listAnswer(outcome: CompileOutcome, configPath: string): Answer<Result<Listed, Failure>> {
  const planned =
    outcome.kind === 'plan' ||
    outcome.kind === 'filtered_by_rules' ||
    outcome.kind === 'filtered_by_workflow_rules'
  return { value: listOf(outcome, configPath), sources: planned ? outcome.config.sources : null }
}

function listOf(outcome: CompileOutcome, configPath: string): Result<Listed, Failure> {
  switch (outcome.kind) {
    case 'plan':
      return ok({ rows: jobRows({ ...outcome.plan, config: outcome.config }), message: null })
    case 'filtered_by_rules':
    case 'filtered_by_workflow_rules':
      return ok({
        rows: jobRows({
          jobs: [],
          excluded: [...outcome.excluded, ...(outcome.edges ?? [])],
          config: outcome.config,
        }),
        message: outcome.message,
      })
    case 'invalid':
      return err({ exitCode: EXIT.invalid, problems: outcome.diagnostics, sources: outcome.sources })
    case 'missing_config':
      return err(missingConfig(configPath))
    case 'unknown_job':
      return err(failure(EXIT.usage, outcome.kind, outcome.message, outcome.detail))
  }
}

function tableWithCount(shown: readonly JobRow[], rows: readonly JobRow[], all: boolean): string {
  const leftOut = rows.filter((row) => !row.in).length
  const count = all || leftOut === 0 ? '' : `${counted(leftOut, 'job')} left out by rules; --all shows why\n`
  return `${shown.length === 0 ? '' : listText(shown, all)}${count}`
}

function listText(rows: readonly JobRow[], all: boolean): string {
  const headings = [
    'name',
    'stage',
    'when',
    'allow_failure',
    'needs',
    'description',
    ...(all ? ['because'] : []),
  ]
  return tableText(
    headings,
    rows.map((row) => [
      row.name,
      row.stage,
      row.when,
      String(row.allowFailure),
      row.needs === null ? '' : `[${row.needs.join(', ')}]`,
      row.description,
      ...(all ? [row.because] : []),
    ]),
  )
}

/** The columns of `gitlab-ci-local --list-csv`; the description always in quotes. */
function csvText(rows: readonly JobRow[]): string {
  const lines = rows.map(
    ({ name, description, stage, when, allowFailure, needs }) =>
      `${name};"${description}";${stage};${when};${String(allowFailure)};[${(needs ?? []).join(',')}]\n`,
  )
  return `name;description;stage;when;allow_failure;needs\n${lines.join('')}`
}

function jsonText(rows: readonly JobRow[]): string {
  const jobs = rows.map((row) => ({
    name: row.name,
    stage: row.stage,
    when: row.when,
    allow_failure: row.allowFailure,
    needs: row.needs ?? [],
    in: row.in,
    because: row.because,
    description: row.description,
  }))
  return JSON.stringify({ schema: SCHEMA, jobs }, null, 2)
}
