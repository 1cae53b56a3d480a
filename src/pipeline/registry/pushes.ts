import type { CreatePipelineCommand, CreatePipelineResult } from '../../model/command.ts'
import { ZERO_SHA } from '../../model/pipeline.ts'
import { NO_PUSH_OPTIONS, type PushOptions } from '../../model/push-options.ts'
import type { RefChange } from '../../model/ref-change.ts'
import { LOCAL_USER_ID } from '../../model/user.ts'
import { variable } from '../../model/variable.ts'
import type { EngineContext } from '../context.ts'

/** What becomes of branches and tags that moved. */
export interface Pushes {
  /** Notes changes without making pipelines. With `begin`, the watch of the project starts here. */
  note(projectId: number, changes: readonly RefChange[], begin: boolean): void
  /**
   * Makes the pipeline of a new tip, once whatever happens in between, and notes the change. Undefined when it has one already.
   * Rejects, and notes nothing, when database or git fail.
   */
  push(
    projectId: number,
    change: RefChange & { readonly to: string },
    options?: PushOptions,
  ): Promise<CreatePipelineResult | undefined>
  /** Makes the pipeline of files that were saved in a work tree. */
  saved(
    projectId: number,
    files: { readonly ref: string; readonly sha: string; readonly snapshotSha: string },
  ): Promise<CreatePipelineResult>
  /** Ends the watch of a project: what moves from now on runs nothing, also later. */
  end(projectId: number): void
}

export function makePushes(
  { store, clock }: EngineContext,
  createPipeline: (command: CreatePipelineCommand) => Promise<CreatePipelineResult>,
): Pushes {
  function noteNow(projectId: number, changes: readonly RefChange[], begin: boolean): void {
    const now = clock.now()
    store.write('full', () => {
      for (const { name, to, moves } of changes)
        store.watchedRefs.put(projectId, name, { sha: to, moves: moves + 1 }, now)
      if (begin) store.watchedRefs.setWatchedSince(projectId, now)
    })
  }

  return {
    note: noteNow,
    async push(projectId, change, options = NO_PUSH_OPTIONS) {
      const sourceKey = `push:${projectId}:${change.name}:${change.to}:${change.moves}`
      const known = store.pipelines.findBySourceKey(sourceKey)
      const result = known
        ? undefined
        : await createPipeline(commandFor(projectId, change, sourceKey, options))
      noteNow(projectId, [change], false)
      return result
    },
    saved: (projectId, { ref, sha, snapshotSha }) =>
      createPipeline({
        ...commandFor(
          projectId,
          { name: `refs/heads/${ref}`, from: null, to: sha, moves: 0 },
          `tree:${projectId}:${snapshotSha}`,
          NO_PUSH_OPTIONS,
        ),
        // A commit is in the making: what was committed last says nothing of it, but what differs from it counts as changed.
        checkout: { kind: 'commit', ref, tag: false, sha, snapshotSha, beforeSha: sha },
        honourSkipCi: false,
      }),
    end: (projectId) => store.write('full', () => store.watchedRefs.setWatchedSince(projectId, null)),
  }
}

function commandFor(
  projectId: number,
  { name, from, to }: RefChange & { readonly to: string },
  sourceKey: string,
  options: PushOptions,
): CreatePipelineCommand {
  return {
    projectId,
    source: 'push',
    checkout: {
      kind: 'commit',
      ref: name.replace(/^refs\/(heads|tags)\//, ''),
      tag: name.startsWith('refs/tags/'),
      sha: to,
      snapshotSha: null,
      // GitLab: zeros for a branch or tag that is new.
      beforeSha: from ?? ZERO_SHA,
    },
    variables: options.variables.map(({ key, value }) => variable(key, value, 'api')),
    inputs: options.inputs,
    userId: LOCAL_USER_ID,
    request: null,
    triggerId: null,
    sourceKey,
    saveInvalid: true,
    selection: null,
    configPath: null,
    honourSkipCi: true,
    skip: options.skip,
  }
}
