import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import type { CallFailure, Client } from '../daemon/client.ts'
import { done, field, withProject, type RemoteFlags } from '../daemon/command.ts'
import { EXIT, exitCodeOfPipeline } from '../exit-code.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { madeText } from '../pipeline/pipeline-commands.ts'
import { statusOf } from '../pipeline/remote-pipeline.ts'
import { statusWord } from '../status-text.ts'

export interface RunTriggerFlags extends RemoteFlags {
  readonly token?: string
  readonly ref?: string
  /** The same, as glab has it. */
  readonly branch?: string
  /** `K=V` */
  readonly variable: Readonly<Record<string, string>>
  /** `k:v`, as glab has it. */
  readonly variables: Readonly<Record<string, string>>
  readonly input: Readonly<Record<string, string>>
  readonly wait: boolean
  readonly timeout?: number
  readonly dryRun: boolean
}

/** `sluice trigger run`: what `glab ci run-trig` and the curl lines of GitLab's documentation do. Needs no access token. */
export async function triggerRun(flags: RunTriggerFlags, context: CommandContext): Promise<number> {
  return withProject(
    flags,
    context,
    async (client, base) => {
      // GitLab's own jobs, and glab in them, have it there.
      const token = flags.token ?? context.env['CI_JOB_TOKEN']
      if (!token) return err(noToken())
      const named = flags.ref ?? flags.branch
      const ref = named === undefined ? await defaultBranch(client, base) : ok(named)
      if (!ref.ok) return ref
      const answer = await client.call(`${base}/trigger/pipeline`, {
        method: 'POST',
        anonymous: true,
        body: {
          token,
          ref: ref.value,
          variables: { ...flags.variables, ...flags.variable },
          ...(Object.keys(flags.input).length === 0 ? {} : { inputs: flags.input }),
          ...(flags.wait ? { wait: true } : {}),
          ...(flags.timeout === undefined ? {} : { timeout: flags.timeout }),
          ...(flags.dryRun ? { dry_run: true } : {}),
        },
      })
      if (!answer.ok) return err(explained(answer.error))
      const { body, headers } = answer.value
      if (flags.dryRun) return done(context, flags, { schema: 1, plan: body }, planText(body))
      if (!flags.wait) return done(context, flags, { schema: 1, pipeline: body }, madeText(body))
      return ended(body, headers['sluice-wait'], flags, context)
    },
    'optional',
  )
}

function noToken(): Failure {
  return usageFailure('trigger.token', 'which token?', 'give a trigger token with -t TOKEN')
}

async function defaultBranch(client: Client, base: string): Promise<Result<string, Failure>> {
  const project = client.daemon.token === null ? undefined : await client.call(base)
  if (project === undefined)
    return err(usageFailure('trigger.ref', 'which branch or tag?', 'give it with -b REF'))
  return project.ok ? ok(field(project.value.body, 'default_branch')) : project
}

/** GitLab answers a wrong token with 404 and no word why. */
function explained(error: CallFailure): Failure {
  const [problem] = error.problems
  if (error.status !== 404 || !problem) return error
  const help = 'no such project, or the token is not one of its triggers; `sluice trigger log` says which'
  return { ...error, problems: [{ ...problem, help }] }
}

function ended(
  pipeline: unknown,
  waited: unknown,
  flags: RunTriggerFlags,
  context: CommandContext,
): Result<number, Failure> {
  const status = statusOf(pipeline)
  const text = `pipeline ${field(pipeline, 'id')} ${statusWord(status)}: ${field(pipeline, 'web_url')}\n`
  done(context, flags, { schema: 1, pipeline, waited }, text)
  if (waited === 'finished') return ok(exitCodeOfPipeline(status))
  context.err(waited === 'full' ? 'as many wait already as may\n' : 'the time to wait is over\n')
  return ok(waited === 'full' ? EXIT.refused : EXIT.timeout)
}

/** Of a dry run: the jobs of each stage. */
function planText(plan: unknown): string {
  const stages = typeof plan === 'object' && plan !== null && 'stages' in plan ? plan.stages : []
  const lines = (Array.isArray(stages) ? (stages as unknown[]) : []).flatMap((stage) => {
    const jobs =
      typeof stage === 'object' && stage !== null && 'jobs' in stage && Array.isArray(stage.jobs)
        ? (stage.jobs as unknown[])
        : []
    return jobs.map((job) =>
      `${field(stage, 'name')}: ${field(job, 'name')}  ${field(job, 'because')}`.trimEnd(),
    )
  })
  return `would run on ${field(plan, 'ref')}:\n${lines.map((line) => `  ${line}\n`).join('')}`
}
