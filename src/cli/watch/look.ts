import type { App } from '../../app.ts'
import { compilePipeline, type CompileOutcome } from '../../compile/compile.ts'
import type { CreatePipelineCommand } from '../../model/command.ts'
import type { Project } from '../../model/project.ts'
import { LOCAL_USER_ID } from '../../model/user.ts'
import { systemClock } from '../../platform/clock.ts'
import type { GitRepository } from '../../platform/git.ts'
import { findWorkTree, type WorkTree } from '../../platform/work-tree.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { EXIT } from '../exit-code.ts'
import { failure, type Failure } from '../failure.ts'
import { missingConfig } from '../missing-config.ts'
import { PROJECT_ID } from '../run-app.ts'
import { configPathOf, readWorkTree, type Work } from '../run-checkout.ts'
import { commandFor } from '../run.ts'
import type { RunFlags } from '../run-flags.ts'
import type { Compiled } from './touched.ts'

/** The work tree at one moment. */
export interface Seen extends Work {
  readonly configPath: string | null
  /** The commit that has the files as they are. */
  readonly treeSha: string
}

/** Reads the work tree as `sluice run` does. */
export async function seeWorkTree(
  tree: WorkTree,
  mirror: string,
  flags: RunFlags,
): Promise<Result<Seen, Failure>> {
  const configPath = configPathOf(tree, flags)
  if (!configPath.ok) return configPath
  const work = await readWorkTree(tree, mirror, flags)
  if (!work.ok) return work
  const { sha, snapshotSha } = work.value.files
  return ok({ ...work.value, configPath: configPath.value, treeSha: snapshotSha ?? sha })
}

/** The same once more: branch and commit may have changed, too. */
export async function seeAgain(
  root: string,
  mirror: string,
  flags: RunFlags,
): Promise<Result<Seen, Failure>> {
  try {
    const tree = await findWorkTree(root)
    if (tree) return await seeWorkTree(tree, mirror, flags)
    return err(failure(EXIT.machine, 'repository.unreadable', `${root} is not a git repository any more`))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return err(failure(EXIT.machine, 'repository.unreadable', message))
  }
}

/** The paths that differ between two moments. */
export async function changedPaths(app: App, from: Seen, to: Seen): Promise<readonly string[]> {
  if (from.treeSha === to.treeSha) return []
  const repository = repositoryOf(app)
  try {
    return await repository.changedPaths(from.treeSha, to.treeSha)
  } catch {
    // The earlier snapshot was swept away: what differs from the commit is all that can be said.
    return repository.changedPaths(to.files.sha, to.treeSha)
  }
}

/** All paths of one moment. */
export function treePaths(app: App, seen: Seen): Promise<readonly string[]> {
  return repositoryOf(app).treePaths(seen.treeSha)
}

function repositoryOf(app: App): GitRepository {
  return app.projects.repository(projectOf(app))
}

function projectOf({ projects }: App): Project {
  const project = projects.find(String(PROJECT_ID))
  if (!project) throw new Error('Bug: no project is served')
  return project
}

/** What the flags ask for, of the files as they were seen. */
export function commandOf(seen: Seen, flags: RunFlags, jobs: readonly string[]): CreatePipelineCommand {
  const { checkout, asked, configPath } = seen
  return commandFor({ jobs, flags, checkout, mergeRequest: asked.mergeRequest, configPath })
}

/** The pipeline that these files would make, without rows; a pipeline without jobs where rules leave everything out. */
export async function compileSeen(app: App, seen: Seen, flags: RunFlags): Promise<Result<Compiled, Failure>> {
  const { checkout } = seen
  if (checkout.kind !== 'commit') throw new Error('Bug: a work tree that is watched is no commit')
  const project = projectOf(app)
  const { source, mergeRequest, variables, inputs, configPath } = commandOf(seen, flags, [])
  const repository = app.projects.repository(project)
  const tagged = checkout.tag ? await repository.resolveRef(`refs/tags/${checkout.ref}`) : undefined
  const outcome = await compilePipeline({
    project,
    repository,
    configPath: configPath ?? project.configPath,
    treeSha: seen.treeSha,
    sha: checkout.sha,
    beforeSha: checkout.beforeSha,
    ref: checkout.ref,
    tag: checkout.tag,
    tagMessage: typeof tagged === 'object' ? tagged.tagMessage : null,
    source,
    mergeRequest: mergeRequest ?? null,
    pipelineVariables: variables,
    user: app.store.users.find(LOCAL_USER_ID) ?? null,
    triggered: source === 'trigger',
    scheduleDescription: null,
    server: app.server(),
    createdAt: systemClock.now(),
    inputs,
    selection: null,
    forRun: false,
  })
  return compiledOf(outcome, configPath ?? project.configPath)
}

function compiledOf(outcome: CompileOutcome, configPath: string): Result<Compiled, Failure> {
  switch (outcome.kind) {
    case 'plan':
      return ok({ plan: outcome.plan, config: outcome.config })
    case 'invalid':
      return err({ exitCode: EXIT.invalid, problems: outcome.diagnostics, sources: outcome.sources })
    case 'missing_config':
      return err(missingConfig(configPath))
    case 'unknown_job':
      return err(failure(EXIT.usage, 'job.unknown', outcome.message, outcome.detail))
    case 'filtered_by_rules':
    case 'filtered_by_workflow_rules': {
      const { excluded, workflow, config } = outcome
      const autoCancel = { onNewCommit: 'conservative', onJobFailure: 'none' } as const
      return ok({ config, plan: { name: null, stages: [], jobs: [], excluded, workflow, autoCancel } })
    }
  }
}
