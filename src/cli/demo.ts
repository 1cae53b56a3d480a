import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { err, ok, type Result } from '../shared/result.ts'
import { chooseColors, type ColorChoice, type Colors } from './colors.ts'
import type { CommandContext } from './context.ts'
import { startDaemon, type Daemon } from './demo-daemon.ts'
import { followPipeline, type EndedPipeline } from './demo-follow.ts'
import { missingPrograms } from './demo-programs.ts'
import { sendTrigger, triggerArguments } from './demo-trigger.ts'
import { EXIT } from './exit-code.ts'
import { failure, renderFailure, usageFailure, type Failure } from './failure.ts'
import { loadSettings } from './load-settings.ts'
import { shellWord } from './words.ts'

export interface DemoFlags {
  readonly once: boolean
  readonly color: ColorChoice
}

/** The address that GitLab's trigger documentation would have here. */
const USUAL_PORT = 8929

/** The project of GitLab's trigger documentation. */
const PROJECT_ID = 9

/** `sluice demo`: the trigger documentation, played: a daemon of its own, curl, and what came of it. */
export async function demoCommand(flags: DemoFlags, context: CommandContext): Promise<number> {
  const outcome = await demo(flags, context, chooseColors(flags.color, context.env, context.stdoutIsTerminal))
  if (outcome.ok) return outcome.value ? EXIT.success : EXIT.failed
  context.err(renderFailure(outcome.error))
  return outcome.error.exitCode
}

/** True when both pipelines did what the documentation says. */
async function demo(
  flags: DemoFlags,
  context: CommandContext,
  colors: Colors,
): Promise<Result<boolean, Failure>> {
  const missing = missingPrograms(context.env)
  if (missing.needed !== null) return err(failure(EXIT.machine, 'demo.missing', missing.needed))
  if (missing.wanted !== null) context.err(`${missing.wanted}\n`)
  const config = join(context.packageRoot, 'runner.config.yaml')
  const token = triggerToken(config, context.env)
  if (!token.ok) return token

  const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'))
  const daemon = await startDaemon({ entry: context.entry, config, folder, port: await freePort() })
  try {
    if (!daemon.ok) return err(failure(EXIT.machine, 'demo.daemon', daemon.error))
    const passed = await triggerTwice(daemon.value, token.value, context, colors)
    if (!passed.ok || flags.once) return passed
    context.out(
      `\nserving on ${daemon.value.url}; to look at the pipelines in a browser: ${daemon.value.loginLink}\nCtrl+C ends it\n`,
    )
    await daemon.value.untilSignal()
    return passed
  } finally {
    if (daemon.ok) await daemon.value.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Trigger {
  readonly token: string
  readonly ref: string
}

function triggerToken(config: string, env: NodeJS.ProcessEnv): Result<Trigger, Failure> {
  const loaded = loadSettings(config, env)
  if (!loaded.ok) return loaded
  const project = loaded.value.settings.projects.find(({ id }) => id === PROJECT_ID)
  const [trigger] = project?.triggers ?? []
  if (!project || !trigger)
    return err(usageFailure('demo.no_trigger', `${config} has no project ${PROJECT_ID} with a trigger`))
  return ok({ token: trigger.token, ref: project.defaultBranch ?? 'master' })
}

/** GitLab's documentation: the pipeline is triggered, and `make upload` runs only when the variable is sent. */
async function triggerTwice(
  daemon: Daemon,
  trigger: Trigger,
  context: CommandContext,
  colors: Colors,
): Promise<Result<boolean, Failure>> {
  let passed = true
  for (const uploads of [false, true]) {
    const args = triggerArguments({
      ...trigger,
      url: daemon.url,
      projectId: PROJECT_ID,
      variables: uploads ? { UPLOAD_TO_S3: 'true' } : {},
    })
    context.out(`\n${colors.green('$')} ${colors.bold(['curl', ...args].map(quoted).join(' '))}\n`)
    const sent = await sendTrigger(args)
    if (!sent.ok) return err(failure(EXIT.refused, 'demo.refused', sent.error))
    context.out(`pipeline ${sent.value.id}: ${sent.value.web_url}\n`)
    const ended = await followPipeline({
      daemon,
      projectId: PROJECT_ID,
      pipelineId: sent.value.id,
      out: context.out,
      colors,
    })
    const complaint = complaintAbout(ended, uploads)
    passed &&= complaint === null
    context.out(
      complaint === null
        ? ` ${colors.green('PASS')}  ${praise(ended, uploads)}\n`
        : ` ${colors.red('FAIL')}  ${complaint}\n`,
    )
  }
  return ok(passed)
}

const jobNames = ['run_tests', 'build_package', 'upload_package']

/** What is not as the documentation says; null when all is. */
function complaintAbout(pipeline: EndedPipeline, uploads: boolean): string | null {
  if (pipeline.status !== 'success') return `pipeline ${pipeline.id} ended as ${pipeline.status}`
  const passed = pipeline.jobs.filter(({ status }) => status === 'success').map(({ name }) => name)
  const lacking = jobNames.filter((name) => !passed.includes(name))
  if (lacking.length > 0) return `pipeline ${pipeline.id}: ${lacking.join(', ')} did not pass`
  const uploaded = pipeline.jobs.some(
    ({ name, trace }) => name === 'upload_package' && /^uploaded/m.test(trace),
  )
  if (uploaded === uploads) return null
  return `pipeline ${pipeline.id}: upload_package ${uploads ? 'uploaded nothing though UPLOAD_TO_S3 was sent' : 'uploaded though UPLOAD_TO_S3 was not sent'}`
}

function praise({ id, jobs }: EndedPipeline, uploads: boolean): string {
  return `pipeline ${id}: ${jobs.map(({ name }) => name).join(', ')} passed; ${uploads ? 'UPLOAD_TO_S3 was sent, and the package was uploaded' : 'UPLOAD_TO_S3 was not sent, and nothing was uploaded'}`
}

/** As the documentation writes it: only what a shell would touch is quoted. */
function quoted(word: string): string {
  return /[[\]]/.test(word) ? `"${word}"` : shellWord(word)
}

/** The usual port, or 0 for any when somebody has it. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(0))
    server.listen(USUAL_PORT, '127.0.0.1', () => server.close(() => resolve(USUAL_PORT)))
  })
}
