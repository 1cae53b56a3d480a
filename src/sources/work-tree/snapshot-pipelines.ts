import type { Engine } from '../../pipeline/engine.ts'
import type { Clock } from '../../platform/clock.ts'
import type { GitRepository } from '../../platform/git.ts'
import { fetchInto, openMirror } from '../../platform/mirror.ts'
import { snapshotWorkTree } from '../../platform/snapshot.ts'
import { findWorkTree } from '../../platform/work-tree.ts'
import { watchWorkTree } from './watch-work-tree.ts'

export interface WatchedTree {
  readonly id: number
  readonly name: string
  /** A folder of the work tree. */
  readonly root: string
  /** Sluice's own repository of the project: the only one that is written to. */
  readonly mirror: string
}

export interface SnapshotOptions {
  readonly engine: Pick<Engine, 'pushes' | 'cancel'>
  readonly clock: Clock
  /** Reads what is in a mirror. */
  readonly open: (gitDir: string) => GitRepository
  /** Bytes; larger new files are left out of a snapshot. */
  readonly fileLimit: number
  notice(text: string): void
}

export interface TreeFollower {
  /** Looks at the files now; resolves when the pipeline that follows is made. Never rejects. */
  look(): Promise<void>
  /** Resolves when no save can be missed any more, and what is in the tree at first is noted. */
  readonly ready: Promise<void>
  close(): Promise<void>
}

/**
 * Makes a pipeline of the snapshot of a work tree whenever its files have changed, one at a time: what a newer save replaces is
 * canceled. A tree without changes makes none, since its commit is the watcher's. Nothing is written to the user's repository.
 */
export function followWorkTree(tree: WatchedTree, options: SnapshotOptions): TreeFollower {
  const { engine } = options
  let known: string | undefined
  let pipelineId: number | undefined
  let trouble: string | undefined
  let closed = false
  let again = false
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    again = true
    looking ??= lookUntilCalm().finally(() => {
      looking = undefined
    })
    return looking
  }

  async function lookUntilCalm(): Promise<void> {
    while (again && !closed) {
      again = false
      try {
        await lookOnce()
        trouble = undefined
      } catch (error) {
        complain(error instanceof Error ? error.message : String(error))
      }
    }
  }

  async function lookOnce(): Promise<void> {
    const found = await findWorkTree(tree.root)
    if (!found) throw new Error(`${tree.root} is not a work tree any more`)
    const { mirror } = tree
    await bringHead(found.gitDir, found.headSha)
    const { sha, snapshotSha } = await snapshotWorkTree(found, mirror, options.fileLimit)
    const now = snapshotSha ?? sha
    const first = known === undefined
    if (known !== undefined && !(await differs(known, now))) {
      known = now
      return
    }
    known = now
    // What is there at first runs nothing, as with branches and tags.
    if (first || closed) return
    if (pipelineId !== undefined) engine.cancel(pipelineId)
    pipelineId = undefined
    if (snapshotSha === null) return
    const result = await engine.pushes.saved(tree.id, { ref: found.branch ?? 'HEAD', sha, snapshotSha })
    if (result.kind === 'created') pipelineId = result.pipelineId
    else if (result.kind === 'invalid') pipelineId = result.pipelineId ?? undefined
    else complain(result.refusal.message)
  }

  /** A snapshot stands on HEAD, which must be in the mirror with its history. */
  async function bringHead(gitDir: string, headSha: string | null): Promise<void> {
    const mirror = options.open(tree.mirror)
    try {
      if (known === undefined) await openMirror({ source: gitDir, mirror: tree.mirror, borrow: false })
      if (headSha === null || (await mirror.commit(headSha))) return
      await fetchInto(tree.mirror, gitDir)
      if (!(await mirror.commit(headSha)))
        throw new Error(`no branch or tag leads to ${headSha.slice(0, 8)}, which is checked out`)
    } finally {
      mirror.close()
    }
  }

  async function differs(from: string, to: string): Promise<boolean> {
    if (from === to) return false
    const mirror = options.open(tree.mirror)
    try {
      return (await mirror.changedPaths(from, to)).length > 0
    } catch {
      return true // the earlier snapshot was swept away
    } finally {
      mirror.close()
    }
  }

  function complain(message: string): void {
    if (message === trouble || closed) return
    trouble = message
    options.notice(`${tree.name}: the working tree is not run at the moment: ${message}`)
  }

  const watch = watchWorkTree(tree.root, {
    clock: options.clock,
    changed: () => void look(),
    limited: (message) => options.notice(`${tree.name}: not every folder can be watched: ${message}`),
  })
  return {
    look,
    ready: watch.ready.then(look),
    async close() {
      closed = true
      watch.close()
      await looking
    },
  }
}
