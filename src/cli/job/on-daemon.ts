import { isCompleted } from '../../model/status.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { CommandContext } from '../context.ts'
import type { Answer, CallFailure, Client } from '../daemon/client.ts'
import { baseOf, chooseProject, done, field, withDaemon } from '../daemon/command.ts'
import { usageFailure, type Failure } from '../failure.ts'
import { waitFor } from '../pipeline/pipeline-commands.ts'
import { statusOf } from '../pipeline/remote-pipeline.ts'
import { statusWord } from '../status-text.ts'
import type { Deed } from './job-commands.ts'

/** Asks a daemon. A job's number is enough: its project is found. */
export function actOnDaemon(deed: Deed, context: CommandContext): Promise<number> {
  const { flags, verb } = deed
  return withDaemon(flags, context, async (client) => {
    const bases = await basesOf(client, deed)
    if (!bases.ok) return bases
    const answered = await firstKnown(client, bases.value, deed)
    if (!answered.ok) return answered
    const { base, body } = answered.value
    const pipelineId = flags.pipeline ? field(body, 'id') : field(body, 'pipeline', 'id')
    if (flags.wait) return waitFor(client, base, pipelineId, flags, context)
    const value = flags.pipeline ? { schema: 1, pipeline: body } : { schema: 1, job: body }
    return done(context, flags, value, text(verb, flags.pipeline, body))
  })
}

/** Numbers of jobs and pipelines are the daemon's, not a project's: each of its projects may have it. */
async function basesOf(client: Client, { flags }: Deed): Promise<Result<readonly string[], Failure>> {
  if (flags.project !== undefined) {
    const project = await chooseProject(flags, client)
    return project.ok ? ok([baseOf(project.value)]) : project
  }
  const projects = await client.list('/projects')
  return projects.ok ? ok(projects.value.map((project) => baseOf(field(project, 'id')))) : projects
}

interface Answered {
  readonly base: string
  readonly body: unknown
}

async function firstKnown(
  client: Client,
  bases: readonly string[],
  deed: Deed,
): Promise<Result<Answered, Failure>> {
  for (const base of bases) {
    const answer = await ask(client, base, deed)
    if (answer.ok) return ok({ base, body: answer.value.body })
    if (answer.error.status !== 404) return answer
  }
  const what = deed.flags.pipeline ? 'pipeline' : 'job'
  return err(usageFailure(`${what}.unknown`, `${client.daemon.url} has no ${what} ${deed.id}`))
}

function ask(client: Client, base: string, deed: Deed): Promise<Result<Answer, CallFailure>> {
  const { verb, id, flags } = deed
  const path = `${base}/${flags.pipeline ? 'pipelines' : 'jobs'}/${id}/${verb}`
  return client.call(path, { method: 'POST', body: bodyOf(deed) })
}

function bodyOf({ verb, flags }: Deed): unknown {
  const variables = Object.entries(flags.variable).map(([key, value]) => ({ key, value }))
  if (verb === 'cancel') return flags.force ? { force: true } : {}
  return variables.length > 0 ? { job_variables_attributes: variables } : {}
}

function text(verb: Deed['verb'], isPipeline: boolean, body: unknown): string {
  const status = statusOf(body)
  const what = isPipeline
    ? `pipeline ${field(body, 'id')}`
    : `${field(body, 'name')} (job ${field(body, 'id')})`
  if (verb !== 'cancel') return `${what} ${verb === 'play' ? 'runs' : 'runs again'}: ${statusWord(status)}\n`
  // GitLab answers well where there is nothing to cancel.
  if (status === 'canceled') return `${what} is canceled\n`
  return isCompleted(status)
    ? `${what} has ended already: ${statusWord(status)}\n`
    : `${what} is asked to end: ${statusWord(status)}\n`
}
