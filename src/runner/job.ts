import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Coordinator } from '../model/coordinator.ts'
import type { JobPayload } from '../model/payload.ts'
import type { Clock } from '../platform/clock.ts'
import { processIdentity } from '../platform/process-identity.ts'
import { watchBuildEnd, type BuildEnd } from './build-end.ts'
import { keepsWorkspace } from './build-settings.ts'
import type { CacheStore } from './cache/cache-store.ts'
import type { Executor } from './executors/executor.ts'
import { isTrue, jobVariables, maskedValues } from './job-variables.ts'
import { headingLine } from './log/ansi.ts'
import { openJobLog, type JobLog } from './log/job-log.ts'
import { createMasker } from './log/mask.ts'
import { needlesOf } from './log/needles.ts'
import { createStamper } from './log/timestamps.ts'
import { closingLine, describeOutcome, type Outcome } from './outcome.ts'
import type { Lane, Lanes } from './scratch/lanes.ts'
import { downloadArtifacts, uploadArtifacts } from './stages/artifacts.ts'
import { inAttempts } from './stages/attempts.ts'
import { inSection, type Build, type Job } from './stages/build.ts'
import { archiveCache, restoreCache } from './stages/cache.ts'
import { getSources, saySettingErrors, type Sources } from './stages/get-sources.ts'
import { notedEnvironment } from './stages/noted-environment.ts'
import { prepare } from './stages/prepare.ts'
import type { PathOf } from './stages/source-extras.ts'
import { afterScript, stepScript, writeFileVariables } from './stages/scripts.ts'
import { layoutOf, type Layout } from './workspace/layout.ts'
import type { Repositories, SourceRepository } from './workspace/repositories.ts'
import type { Workspace, Workspaces } from './workspace/workspaces.ts'

/** What all jobs of a runner share. */
export interface JobSurroundings {
  readonly coordinator: Coordinator
  executorOf(projectId: number): Executor
  readonly clock: Clock
  readonly lanes: Lanes
  readonly workspaces: Workspaces
  readonly repositories: Repositories
  readonly caches: CacheStore
  /** What the user named for a project that is served, by its full path. */
  readonly pathOf: PathOf
  readonly buildsDir: string
  hide(): readonly string[]
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
  const end = watchBuildEnd({
    canceled: coordinator.cancellation(payload.token),
    forced: coordinator.forcedCancellation?.(payload.token),
    timeout,
    clock,
  })
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
    executor: around.executorOf(payload.job_info.project_id),
    clock: around.clock,
    graceMs: around.graceMs,
    caches: around.caches,
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
    // GitLab's default since 18.7; here on request, as it makes every line longer by 32 bytes.
    stamper: wantsTimestamps(payload) ? createStamper(() => around.clock.now()) : undefined,
    limit: around.logLimit,
    onFailure: (error) => end.fail(`writing the job's log: ${error.message}`),
  })
}

function wantsTimestamps({ variables }: JobPayload): boolean {
  return isTrue(variables.toReversed(), 'FF_TIMESTAMPS')
}

/** Takes a lane and a workspace, and gives both back while the result is already on its way. */
async function withPlace(job: Job, around: JobSurroundings): Promise<Outcome> {
  const { payload } = job
  const source = around.repositories.open(fileURLToPath(payload.git_info.repo_url))
  const lane = await around.lanes.take()
  let free = (): Promise<unknown> => lane.release([])
  try {
    const layout = layoutOf(payload, lane.index)
    saySettingErrors({ ...job, settings: layout.settings })
    if (layout.refused !== null) return { kind: 'configuration_error', message: layout.refused }
    const keeps = payload.sluice.keep_workspace === true || keepsWorkspace(layout.settings)
    const taken = await around.workspaces.acquire({
      projectId: payload.job_info.project_id,
      name: layout.name,
      sha: payload.sluice.checkout_sha,
      latest: keeps,
    })
    if (!taken.ok) return { kind: 'system_failure', message: taken.error }
    let mountPoints: readonly string[] = []
    free = () => Promise.all([taken.value.release(keeps ? 'as_it_is' : 'clean'), lane.release(mountPoints)])
    const build = placed(job, around, { lane, workspace: taken.value, layout, source })
    mountPoints = build.environment.mountPoints
    return await runStages(build, { ...source, pathOf: around.pathOf })
  } finally {
    // While the last lines are being written and the result is on its way.
    around.afterwards(free)
  }
}

/** The job in its place, which it knows by names of its own. */
function placed(
  job: Job,
  around: JobSurroundings,
  place: { lane: Lane; workspace: Workspace; layout: Layout; source: SourceRepository },
): Build {
  const { payload, executor } = job
  const { lane, workspace, layout, source } = place
  const { slot, index } = workspace
  const environment = executor.prepare({
    folders: {
      builds: layout.buildsOf(around.buildsDir, slot.folder),
      project: slot.project,
      temp: slot.temp,
    },
    repository: source.repository,
    projectPath: layout.projectPath,
    scratch: { temp: lane.temp, home: lane.home },
    hide: around.hide(),
  })
  const { buildsDir, projectDir, tempDir } = environment
  const variables = jobVariables(payload, {
    buildsDir,
    projectDir,
    tempDir,
    concurrentId: lane.index,
    concurrentProjectId: index,
    repositoryUrl: pathToFileURL(environment.repository.gitDir).href,
    version: around.version,
  })
  return {
    ...job,
    lane,
    workspace,
    environment: notedEnvironment(environment, payload.id),
    variables,
    settings: layout.settings,
  }
}

async function runStages(build: Build, source: Sources): Promise<Outcome> {
  const outcome = await runScripts(build, source)
  if (build.end.everything.aborted) return build.end.outcome() ?? outcome
  const cached = await archiveCache(build, outcome)
  const uploaded = await uploadArtifacts(build, outcome)
  await inSection(build, 'cleanup_file_variables', () =>
    build.log.say(headingLine('Cleaning up project directory and file based variables')),
  )
  if (outcome.kind !== 'success') return outcome
  // GitLab: script error, else cache error, else upload error.
  if (cached) return cached
  return uploaded.ok ? outcome : uploaded.error
}

/** Up to and with after_script, which runs only when the script was reached. */
async function runScripts(build: Build, source: Sources): Promise<Outcome> {
  const { payload, end, settings } = build
  build.workspace.slot.ready()
  writeFileVariables(build)
  const failed =
    (await getSources(build, source)) ??
    end.outcome() ??
    (await inAttempts(build, settings.attempts.restoreCache, () => restoreCache(build), describeOutcome)) ??
    (await inAttempts(
      build,
      settings.attempts.downloadArtifacts,
      () => downloadArtifacts(build),
      describeOutcome,
    ))
  if (failed) return end.outcome() ?? failed
  const early = end.outcome()
  if (early) return early
  let outcome: Outcome = { kind: 'success' }
  let reported = Promise.resolve()
  for (const step of payload.steps) {
    if (step.name === 'script') {
      outcome = await stepScript(build, step, (pid) => {
        reported = reportStart(build, pid)
      })
    } else if (step.script.length > 0 && !end.everything.aborted)
      outcome = await afterScript(build, step, outcome)
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
