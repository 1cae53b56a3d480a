import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Coordinator } from '../model/coordinator.ts'
import type { JobPayload } from '../model/payload.ts'
import type { Clock } from '../platform/clock.ts'
import { processIdentity } from '../platform/process-identity.ts'
import { watchBuildEnd, type BuildEnd } from './build-end.ts'
import type { Executor } from './executors/executor.ts'
import { jobVariables, maskedValues } from './job-variables.ts'
import { headingLine } from './log/ansi.ts'
import { openJobLog, type JobLog } from './log/job-log.ts'
import { createMasker } from './log/mask.ts'
import { needlesOf } from './log/needles.ts'
import { closingLine, type Outcome } from './outcome.ts'
import type { Lanes } from './scratch/lanes.ts'
import { downloadArtifacts, uploadArtifacts } from './stages/artifacts.ts'
import { inSection, type Build, type Job } from './stages/build.ts'
import { getSources, projectFolderName } from './stages/get-sources.ts'
import { prepare } from './stages/prepare.ts'
import { afterScript, stepScript, writeFileVariables } from './stages/scripts.ts'
import type { Repositories } from './workspace/repositories.ts'
import type { Workspaces } from './workspace/workspaces.ts'

/** What all jobs of a runner share. */
export interface JobSurroundings {
  readonly coordinator: Coordinator
  readonly executor: Executor
  readonly clock: Clock
  readonly lanes: Lanes
  readonly workspaces: Workspaces
  readonly repositories: Repositories
  readonly buildsDir: string
  readonly hide: readonly string[]
  readonly logLimit: number
  readonly graceMs: number
  readonly name: string
  readonly version: string
  /** Does something soon that no job waits for, but the runner's end does. */
  afterwards(work: () => Promise<unknown>): void
}

/** A job at work. */
export interface RunningJob {
  /** How it ended, after its log is closed; the coordinator has not been told. Never rejects. */
  readonly outcome: Promise<Outcome>
  /** Ends it, with grace, as a failure of the runner. */
  abort(why: string): void
}

/** gitlab-runner, when the job names no limit. */
const DEFAULT_TIMEOUT = 7_200

/** Throws only what `coordinator.cancellation` throws. */
export function startJob(payload: JobPayload, around: JobSurroundings): RunningJob {
  const { clock, coordinator } = around
  const timeout = payload.runner_info.timeout > 0 ? payload.runner_info.timeout : DEFAULT_TIMEOUT
  const end = watchBuildEnd({ canceled: coordinator.cancellation(payload.token), timeout, clock })
  const outcome = runJob(payload, around, end)
    .catch((error: unknown): Outcome => ({ kind: 'system_failure', message: messageOf(error) }))
    .finally(() => end.dispose())
  return { outcome, abort: (why) => end.fail(why) }
}

async function runJob(payload: JobPayload, around: JobSurroundings, end: BuildEnd): Promise<Outcome> {
  const log = await openLog(payload, around, end)
  const job: Job = {
    payload,
    log,
    end,
    coordinator: around.coordinator,
    executor: around.executor,
    clock: around.clock,
    graceMs: around.graceMs,
  }
  let outcome: Outcome
  try {
    await prepare(job, around)
    outcome = await withPlace(job, around)
  } catch (error) {
    outcome = { kind: 'system_failure', message: messageOf(error) }
  }
  log.say(closingLine(outcome))
  await log.close()
  // A log that could not be written fails its job, however the script ended.
  return end.everything.aborted ? (end.outcome() ?? outcome) : outcome
}

async function openLog(payload: JobPayload, around: JobSurroundings, end: BuildEnd): Promise<JobLog> {
  return openJobLog({
    writer: await around.coordinator.openTrace(payload.token),
    masker: createMasker(needlesOf([...maskedValues(payload), payload.token])),
    limit: around.logLimit,
    onFailure: (error) => end.fail(`writing the job's log: ${error.message}`),
  })
}

/** Takes a lane and a workspace, and gives both back while the result is already on its way. */
async function withPlace(job: Job, around: JobSurroundings): Promise<Outcome> {
  const { payload, executor } = job
  const source = around.repositories.open(fileURLToPath(payload.git_info.repo_url))
  const wish = {
    projectId: payload.job_info.project_id,
    name: projectFolderName(payload),
    sha: payload.sluice.checkout_sha,
  }
  const taken = await around.workspaces.acquire(wish)
  if (!taken.ok) return { kind: 'system_failure', message: taken.error }
  const workspace = taken.value
  const lane = await around.lanes.take().catch((error: unknown) => {
    void workspace.release()
    throw error
  })
  const { slot, index } = workspace
  let kept: readonly string[] = []
  try {
    const environment = executor.prepare({
      folders: { builds: around.buildsDir, project: slot.project, temp: slot.temp },
      repository: source.repository,
      projectPath: payload.job_info.project_full_path,
      scratch: { temp: lane.temp, home: lane.home },
      hide: around.hide,
    })
    const { buildsDir, projectDir, tempDir } = environment
    kept = environment.mountPoints
    const variables = jobVariables(payload, {
      buildsDir,
      projectDir,
      tempDir,
      concurrentId: lane.index,
      concurrentProjectId: index,
      repositoryUrl: pathToFileURL(environment.repository.gitDir).href,
    })
    return await runStages({ ...job, lane, workspace, environment, variables }, source)
  } finally {
    // While the last lines are being written and the result is on its way.
    around.afterwards(() => Promise.all([workspace.release(), lane.release(kept)]))
  }
}

async function runStages(build: Build, source: ReturnType<Repositories['open']>): Promise<Outcome> {
  const outcome = await runScripts(build, source)
  if (build.end.everything.aborted) return build.end.outcome() ?? outcome
  const uploaded = await uploadArtifacts(build, outcome)
  await inSection(build, 'cleanup_file_variables', () =>
    build.log.say(headingLine('Cleaning up project directory and file based variables')),
  )
  return uploaded.ok || outcome.kind !== 'success'
    ? outcome
    : { kind: 'system_failure', message: uploaded.error }
}

/** Up to and with after_script, which runs only when the script was reached. */
async function runScripts(build: Build, source: ReturnType<Repositories['open']>): Promise<Outcome> {
  const { payload, end } = build
  const sources = await getSources(build, source)
  if (!sources.ok) return { kind: 'system_failure', message: `getting the sources failed: ${sources.error}` }
  const missing = await downloadArtifacts(build)
  if (missing) return missing
  const early = end.outcome()
  if (early) return early
  writeFileVariables(build)
  let outcome: Outcome = { kind: 'success' }
  let reported = Promise.resolve()
  for (const step of payload.steps) {
    if (step.name === 'script') {
      outcome = await stepScript(build, step, (pid) => {
        reported = reportStart(build, pid)
      })
    } else if (step.script.length > 0 && !end.everything.aborted) await afterScript(build, step, outcome)
  }
  // Before the end is reported, which must not be overtaken.
  await reported
  return outcome
}

/** Told while the script already runs; the answer may be that nobody wants it any more. */
async function reportStart({ coordinator, payload, executor, end }: Build, pid: number): Promise<void> {
  const identity = processIdentity(pid) ?? { pid, pidStart: '', bootId: '' }
  try {
    const answer = await coordinator.updateJob(payload.token, {
      state: 'running',
      isolation: executor.isolation,
      ...identity,
    })
    if (answer === 'canceled') end.cancel()
  } catch (error) {
    end.fail(`reporting the job's start: ${messageOf(error)}`)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
