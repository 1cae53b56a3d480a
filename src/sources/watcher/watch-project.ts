import type { Engine } from '../../pipeline/engine.ts'
import type { KnownRef, RefChange } from '../../model/ref-change.ts'
import type { WatchRules } from '../../model/watch-rules.ts'
import type { Clock } from '../../platform/clock.ts'
import type { GitRepository } from '../../platform/git.ts'
import type { Store } from '../../store/store.ts'
import { refsFingerprint, refsFolder } from './git-folders.ts'
import type { Hints } from './hints.ts'
import { forgetPushOptions, readPushOptions } from './push-options.ts'
import { refChanges } from './ref-changes.ts'
import { wantedRefs } from './wanted-refs.ts'

export interface WatchedProject {
  readonly id: number
  readonly name: string
  readonly rules: WatchRules
  readonly repository: GitRepository
}

export interface WatchOptions {
  /** Read only. */
  readonly store: Store
  readonly engine: Pick<Engine, 'pushes'>
  readonly clock: Clock
  /** The most pipelines that one look makes; further refs are noted only. GitLab does so with pushes of many refs. */
  readonly mostPipelines: () => number
  readonly watchRefs: (folder: string, hint: () => void) => Hints
  notice(text: string): void
}

/** One repository that is looked at. */
export interface ProjectWatch {
  /** Looks at the refs now; resolves when all that follows is done. Never rejects. */
  look(): Promise<void>
  /** Looks only when the folders of the refs have changed. */
  poll(): Promise<void>
  close(): Promise<void>
}

/** Git writes several files for one push; they are looked at together. */
const TOGETHER_MS = 20

/** Follows one repository: `git for-each-ref` is the truth, everything else says only when to ask. */
export function watchProject(project: WatchedProject, options: WatchOptions): ProjectWatch {
  const { store, engine, clock } = options
  const folder = refsFolder(project.repository.gitDir)
  const isWanted = wantedRefs(project.rules)
  let known: Map<string, KnownRef> | undefined
  let fingerprint: string | undefined
  let trouble: string | undefined
  let hints: Hints | undefined
  let cancel: (() => void) | undefined
  let closed = false
  let looking: Promise<void> | undefined
  let again = false

  function hint(): void {
    if (closed || cancel) return
    cancel = clock.after(TOGETHER_MS, () => {
      cancel = undefined
      void look()
    })
  }

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
      await lookOnce()
    }
  }

  async function lookOnce(): Promise<void> {
    const before = refsFingerprint(folder)
    try {
      // Watched before it is listed, so that nothing moves unseen in between.
      if (before !== undefined) hints ??= options.watchRefs(folder, hint)
      await follow(await project.repository.refs())
      fingerprint = before
      trouble = undefined
    } catch (error) {
      await loseHints()
      complain(error instanceof Error ? error.message : String(error))
    }
  }

  async function follow(tips: Awaited<ReturnType<GitRepository['refs']>>): Promise<void> {
    const refs = (known ??= store.watchedRefs.of(project.id))
    const changes = refChanges(refs, tips)
    if (!store.watchedRefs.isWatched(project.id)) return note(refs, changes, true)
    const moved = changes.flatMap((change) => (change.to === null ? [] : [{ ...change, to: change.to }]))
    const wanted = moved.filter(({ name }) => isWanted(name))
    const runs = wanted.slice(0, options.mostPipelines())
    if (wanted.length > runs.length) {
      options.notice(
        `${project.name}: ${wanted.length} branches and tags moved at once; pipelines are made for ${runs.length} (limits.pipelines_per_push)`,
      )
    }
    const quiet = changes.filter((change) => !runs.some((run) => run.name === change.name))
    if (quiet.length > 0) note(refs, quiet, false)
    for (const change of runs) {
      const result = await engine.pushes.push(
        project.id,
        change,
        readPushOptions(folder, change.name, change.to),
      )
      forgetPushOptions(folder, change.name)
      if (result?.kind === 'refused' && result.refusal.reason === 'reference_not_found')
        options.notice(`${project.name}: ${change.name}: ${result.refusal.message}`)
      remember(refs, change)
    }
  }

  function note(refs: Map<string, KnownRef>, changes: readonly RefChange[], begin: boolean): void {
    engine.pushes.note(project.id, changes, begin)
    for (const change of changes) remember(refs, change)
  }

  function remember(refs: Map<string, KnownRef>, { name, to, moves }: RefChange): void {
    refs.set(name, { sha: to, moves: moves + 1 })
  }

  /** Once for each kind of trouble: a repository that is away is looked for again and again. */
  function complain(message: string): void {
    if (message === trouble || closed) return
    trouble = message
    options.notice(`${project.name} cannot be watched at the moment: ${message}`)
  }

  async function loseHints(): Promise<void> {
    const lost = hints
    hints = undefined
    await lost?.close()
  }

  return {
    look,
    async poll() {
      const now = refsFingerprint(folder)
      if (now === undefined || now !== fingerprint || trouble !== undefined) await look()
    },
    async close() {
      closed = true
      cancel?.()
      await looking
      await loseHints()
    },
  }
}
