import type { Engine } from '../../pipeline/engine.ts'
import type { WatchRules } from '../../model/watch-rules.ts'
import type { Clock } from '../../platform/clock.ts'
import { explainRefusal, refusalText } from '../../platform/git-refusal.ts'
import type { GitRepository } from '../../platform/git.ts'
import type { Store } from '../../store/store.ts'
import { refFollower, type RefListing } from './follow-refs.ts'
import { folderIdentity, partsOf, refsFolder, refsMark } from './git-folders.ts'
import type { HintListener, Hints } from './hints.ts'

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
  readonly watchRefs: (folder: string, listener: HintListener) => Hints
  notice(text: string): void
}

/** One repository that is looked at. */
export interface ProjectWatch {
  /** Looks at the refs now; resolves when all that follows is done. Never rejects. */
  look(): Promise<void>
  /** Looks only when the folders of the refs have changed. */
  poll(): Promise<void>
  /** Looks when the repository is another one or came back, or when the folders have changed and nobody would have told. */
  glance(): Promise<void>
  close(): Promise<void>
}

/** Git writes several files for one push; they are looked at together. */
const TOGETHER_MS = 20
/**
 * Clocks of file systems tick once in two seconds at worst: what was written in this time may be written again without a
 * trace.
 */
const SAME_TICK_MS = 2500
/** A repository that is being removed or copied is not calm. */
const CALM_MS = 100
const CALM_TRIES = 20

/** Follows one repository: `git for-each-ref` is the truth, everything else says only when to ask. */
export function watchProject(
  project: WatchedProject,
  options: WatchOptions & { readonly limited?: (why: string) => void },
): ProjectWatch {
  const { clock } = options
  const { repository } = project
  let folder = refsFolder(repository.gitDir)
  const follow = refFollower({ ...options, project, folder: () => folder, list, isWhole })
  /** How the folders looked before the last look; undefined when that says nothing. */
  let mark: string | undefined
  let identity: string | undefined
  let parts: readonly string[] = []
  let trouble: string | undefined
  let hints: Hints | undefined
  let hintsAreGood = true
  let limited = false
  let cancel: (() => void) | undefined
  let closed = false
  let looking: Promise<void> | undefined
  let again = false

  const listener: HintListener = {
    hint() {
      if (closed || cancel) return
      cancel = clock.after(TOGETHER_MS, () => {
        cancel = undefined
        void look()
      })
    },
    lost() {
      hintsAreGood = false
      listener.hint()
    },
    limited(why) {
      limited = true
      options.limited?.(why)
    },
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
    // A linked work tree that was away has not said before where its refs are.
    folder = refsFolder(repository.gitDir)
    const before = refsMark(folder)
    const partsBefore = partsOf(folder)
    const now = folderIdentity(folder)
    try {
      // Another repository at the same path: what git has open is of the old one.
      if (now !== identity) repository.close()
      if (now !== identity || !hintsAreGood) await loseHints()
      identity = now
      // Watched before it is listed, so that nothing moves unseen in between.
      if (before !== undefined) hints ??= listen()
      const isSettled = await follow()
      // It may be on its way out, or in, just now.
      if (isSettled) parts = [...new Set([...partsBefore, ...partsOf(folder)])]
      mark = before && isSettled && clock.now() - before.newest > SAME_TICK_MS ? before.text : undefined
      if (trouble !== undefined) options.notice(`${project.name} is watched again`)
      trouble = undefined
    } catch (error) {
      await loseHints()
      repository.close()
      mark = before?.text
      complain(error instanceof Error ? error.message : String(error))
    }
  }

  function listen(): Hints {
    limited = false
    hintsAreGood = true
    return options.watchRefs(folder, listener)
  }

  async function isWhole(): Promise<boolean> {
    for (let tries = 0; tries < CALM_TRIES && !closed; tries++) {
      const before = refsMark(folder)?.text
      await new Promise<void>((resolve) => clock.after(CALM_MS, resolve))
      if (before !== undefined && refsMark(folder)?.text === before) break
    }
    const there = partsOf(folder)
    return ['HEAD', 'objects', 'refs', ...parts].every((part) => there.includes(part))
  }

  async function list(): Promise<RefListing> {
    const damaged = new Set<string>()
    const tips = await repository.refs((name) => damaged.add(name)).catch(refused)
    return { tips, damaged }
  }

  function refused(error: unknown): never {
    const { gitDir } = repository
    const refusal = explainRefusal(error instanceof Error ? error.message : String(error), gitDir)
    throw new Error(`${gitDir}: ${refusalText(refusal)}`)
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
      const now = refsMark(folder)?.text
      if (now === mark && now !== undefined && trouble === undefined) return
      // What changed long ago without a hint was not told of: the watch is dead, whatever it says.
      if (mark !== undefined && cancel === undefined) hintsAreGood = false
      await look()
    },
    async glance() {
      const unsure = trouble !== undefined || limited
      const changed = unsure ? refsMark(folder)?.text !== mark : folderIdentity(folder) !== identity
      if (changed) await look()
    },
    async close() {
      closed = true
      cancel?.()
      await looking
      await loseHints()
    },
  }
}
