import { resolve } from 'node:path'
import { readBranches } from '../app/branches.ts'
import { GITLAB_VERSION } from '../app/gitlab-version.ts'
import { CONFIG_PATH } from '../app/served-project.ts'
import type { CompileRequest } from '../compile/compile.ts'
import { LOCAL_USER_ID } from '../model/user.ts'
import { variable } from '../model/variable.ts'
import { systemClock } from '../platform/clock.ts'
import { openRepository, type GitRepository } from '../platform/git.ts'
import { openWorkTreeFiles, type WorkTreeFiles } from '../platform/work-tree-files.ts'
import type { WorkTree } from '../platform/work-tree.ts'
import { LOCAL_USERNAME } from '../settings/settings.ts'
import { err, ok, type Result } from '../shared/result.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { failure, usageFailure, type Failure } from './failure.ts'
import { checkMergeRequest, readMergeRequest } from './merge-request.ts'
import { readProjectVariables } from './project-variables.ts'
import { findRepository, originOf, readConfiguration } from './repository.ts'
import { checkoutOf, configPathOf, openRunMirror } from './run-checkout.ts'
import { SNAPSHOT_LIMIT_BYTES } from './run-limits.ts'
import type { SituationFlags } from './situation-flags.ts'
import { foldersOf } from './state-folder.ts'

/** The pipeline that `sluice run` with the same options would make, before anything is decided about it. */
export interface Situation {
  readonly request: CompileRequest
  readonly tree: WorkTree
  close(): void
}

/** Reads repository and work tree as `sluice run` does, and writes nothing unless rules ask for what only a snapshot can say. */
export async function readSituation(
  flags: SituationFlags,
  context: CommandContext,
): Promise<Result<Situation, Failure>> {
  const cwd = resolve(flags.cwd)
  const asking = readConfiguration(cwd)
  const tree = await findRepository(cwd)
  if (!tree.ok) return tree
  const fitting = checkMergeRequest(flags)
  if (!fitting.ok) return fitting
  const configPath = configPathOf(tree.value, flags)
  if (!configPath.ok) return configPath
  const variables = await readProjectVariables(flags.variablesFile, {
    root: tree.value.root,
    env: context.env,
  })
  if (!variables.ok) return variables
  const [files, branches, configuration] = await Promise.all([
    readFiles(tree.value, flags, context),
    readBranches(tree.value.gitDir, tree.value.branch),
    asking,
  ])
  if (!files.ok) return files
  const { repository } = files.value
  const checkout = checkoutOf(tree.value, files.value, branches, flags)
  if (!checkout.ok) return checkout
  const { sha, snapshotSha, beforeSha, ref, tag } = checkout.value
  const asked = await readMergeRequest(flags, {
    gitDir: tree.value.gitDir,
    sha,
    defaultBranch: branches.defaultBranch,
  })
  for (const notice of [...variables.value.notices, ...asked.notices]) context.err(`notice: ${notice}\n`)
  const tagged = tag ? await repository.resolveRef(`refs/tags/${ref}`) : undefined
  const origin = originOf(configuration.originUrl, tree.value.root)
  const now = systemClock.now()
  const source = flags.event ?? flags.source ?? 'push'
  const request: CompileRequest = {
    project: {
      id: 1,
      name: origin.projectName,
      path: tree.value.root,
      repository: repository.gitDir,
      defaultBranch: branches.defaultBranch,
      variables: variables.value.variables,
      configPath: CONFIG_PATH,
      createdAt: now,
    },
    repository,
    configPath: configPath.value ?? CONFIG_PATH,
    treeSha: snapshotSha ?? sha,
    sha,
    beforeSha,
    ref,
    tag,
    tagMessage: typeof tagged === 'object' ? tagged.tagMessage : null,
    source,
    mergeRequest: asked.mergeRequest,
    pipelineVariables: Object.entries(flags.variable).map(([key, value]) => variable(key, value, 'run')),
    user: { id: LOCAL_USER_ID, username: LOCAL_USERNAME, ...configuration.identity },
    triggered: source === 'trigger',
    scheduleDescription: null,
    server: { url: origin.serverUrl, version: GITLAB_VERSION },
    createdAt: now,
    inputs: flags.input,
    selection: null,
    forRun: false,
  }
  return ok({ request, tree: tree.value, close: () => repository.close() })
}

async function readFiles(
  tree: WorkTree,
  flags: SituationFlags,
  context: CommandContext,
): Promise<Result<WorkTreeFiles, Failure>> {
  try {
    if (flags.sha !== undefined) return await readCommit(openRepository(tree.gitDir), flags.sha)
    return ok(
      await openWorkTreeFiles(tree, {
        limitBytes: SNAPSHOT_LIMIT_BYTES,
        mirror: () => openMirrorOf(tree, flags, context),
      }),
    )
  } catch (error) {
    return err(
      failure(EXIT.machine, 'repository.unreadable', error instanceof Error ? error.message : String(error)),
    )
  }
}

async function readCommit(
  repository: GitRepository,
  revision: string,
): Promise<Result<WorkTreeFiles, Failure>> {
  const sha = revision.startsWith('-') ? undefined : await repository.resolveRevision(revision)
  return sha === undefined
    ? err(usageFailure('sha.unknown', `no commit "${revision}" in this repository`))
    : ok({ sha, snapshotSha: null, repository })
}

async function openMirrorOf(tree: WorkTree, flags: SituationFlags, { env }: CommandContext): Promise<string> {
  const mirror = await openRunMirror(tree, foldersOf(tree.root, flags.state, env).stateDir)
  if (mirror.ok) return mirror.value
  throw new Error(mirror.error.problems[0]?.message ?? 'the state folder cannot be used')
}
