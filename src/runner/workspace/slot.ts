import { lstatSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { objectFormatOf } from '../../platform/bare-repository.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import { DEFAULT_CLEAN_FLAGS } from '../build-settings.ts'
import type { HostRepository } from '../executors/executor.ts'
import { checkOutAnew, noteTree, SMALL_TREE } from './checkout-anew.ts'
import { checkOut, listUntracked, openCheckout, type Checkout, type SourceProblem } from './checkout.ts'
import { NO_REPOSITORY, sameRepository, writeJobRepository, type JobRepository } from './job-repository.ts'
import { openTrash } from './remove-tree.ts'
import { keepState, takeState } from './kept-state.ts'
import { isFile, isFolder, makeFolders, openUp, setUp } from './slot-folders.ts'
import { discardChanges, isUntouched, readTree, type TreeState } from './tree-state.ts'

/** What a job asks of its workspace. */
export interface CheckoutWish {
  readonly repository: HostRepository
  /** The mirror by the name that the job knows. */
  readonly origin: HostRepository
  readonly sha: string
  /** What HEAD names afterwards. */
  readonly head: string
  readonly refs: string
  /** Text of `.git/shallow`: where the job's history ends. Awaited when the files are there. */
  readonly shallow: string | null | Promise<string | null>
  /** Arguments of `git clean`, which is run where the workspace is not known to be clean; empty: never. */
  readonly cleanFlags: readonly string[]
}

/**
 * One reusable workspace:
 *
 *     <slot>/lock           who uses it
 *     <slot>/state.json     what the last process knew of it
 *     <slot>/git/           our git directory, which no job sees
 *     <slot>/<name>/        the project folder, with a .git of its own; `name` may have slashes
 *     <slot>/<name>.tmp/    file variables
 *     <slot>/trash/         what is being deleted
 */
export interface Slot {
  readonly folder: string
  readonly project: string
  readonly temp: string
  /** Makes sure that the project folder and the temporary one are there; all that does not belong into a slot goes. */
  ready(): void
  /**
   * Makes the workspace that commit, and nothing else unless `cleanFlags` say so. Nothing is done when it is known to be so.
   * The answer is what `git clean` said.
   */
  prepare(wish: CheckoutWish): Promise<Result<string, SourceProblem>>
  /** Renews `.git` alone, as after a fetch: files, HEAD and index stay as they are. */
  prepareWithoutCheckout(wish: CheckoutWish): Promise<Result<string, SourceProblem>>
  /** Throws the project folder away and makes an empty one. */
  empty(): void
  /** Somebody else may have changed the project folder: it is looked at again by the next `prepare`. */
  mistrust(): void
  /** Takes away what a job did. Never rejects; a slot that cannot be cleaned starts anew next time. */
  clean(): Promise<void>
  /** Leaves the project folder as the job did, for the next one to find. Never rejects. */
  leave(): Promise<void>
  /** Writes down for the next process what is known. Nothing may be asked of the slot afterwards. */
  keep(): void
  /** What is checked out; null: not known. */
  sha(): string | null
  small(): boolean
  listUntracked(): Promise<readonly string[]>
}

/** What we know to be on the disk, from having put it there. */
interface Content {
  readonly checkout: Checkout
  readonly sha: string
  /** Undefined: too large to be noted. */
  readonly tree: TreeState | undefined
  readonly job: JobRepository
  /** State of `.git`; undefined: a job changed it. */
  readonly git: TreeState | undefined
}

export function openSlot(folder: string, name: string): Slot {
  const project = join(folder, name)
  const temp = `${project}.tmp`
  const trash = openTrash(join(folder, 'trash'))
  let content: Content | undefined
  let small = true
  let isReady = false
  let lastCheckout: Checkout | undefined
  let isNew = true

  function ready(): void {
    if (isReady) return
    if (!content) {
      setUp(folder, { project, temp }, trash)
      emptyTrash()
    }
    isReady = true
  }

  function emptyTrash(): void {
    if (isFolder(join(folder, 'trash'))) void trash.empty()
  }

  function checkoutFor(repository: HostRepository): Checkout {
    return {
      gitDir: join(folder, 'git'),
      project,
      repository,
      objectFormat: objectFormatOf(repository.gitDir),
    }
  }

  /** What another process has left in order is taken over, if it still is as it was. */
  function adopt(repository: HostRepository): Content | undefined {
    const state = takeState(folder)
    if (state?.repository !== repository.gitDir || state.project !== project) return undefined
    if (state.umask !== process.umask()) return undefined
    const checkout = checkoutFor(repository)
    if (checkout.objectFormat !== state.job.objectFormat || !isFile(join(checkout.gitDir, 'index')))
      return undefined
    openCheckout(checkout)
    return unchanged({ ...state, checkout })
  }

  async function prepare(wish: CheckoutWish): Promise<Result<string, SourceProblem>> {
    ready()
    if (isNew) content = adopt(wish.repository)
    isNew = false
    if (content?.checkout.repository.gitDir !== wish.repository.gitDir) content = undefined
    const files = content?.sha === wish.sha ? ok({ content, removed: '' }) : await bringFiles(wish)
    if (!files.ok) return files
    const { checkout, job: before, git } = files.value.content
    const job: JobRepository = {
      head: wish.head,
      refs: wish.refs,
      shallow: await wish.shallow,
      origin: wish.origin,
      objectFormat: checkout.objectFormat,
    }
    content = {
      ...files.value.content,
      job,
      git: git !== undefined && sameRepository(before, job) ? git : writeGit(checkout, job),
    }
    return ok(files.value.removed)
  }

  /** HEAD and index are taken over as data; nothing else of a `.git` that a job may have changed is used again. */
  async function prepareWithoutCheckout(wish: CheckoutWish): Promise<Result<string, SourceProblem>> {
    ready()
    content = undefined
    const gitDir = join(project, '.git')
    const before = isFolder(gitDir) ? gitDir : undefined
    const headFile = before === undefined ? undefined : join(before, 'HEAD')
    const head = headFile !== undefined && isFile(headFile) ? readFileSync(headFile, 'latin1').trim() : ''
    const index = before === undefined ? undefined : join(before, 'index')
    const kept = join(folder, 'index')
    rmSync(kept, { force: true })
    if (index !== undefined && isFile(index)) renameSync(index, kept)
    if (lstatSync(gitDir, { throwIfNoEntry: false })) trash.discard(gitDir)
    const staged = isFile(kept)
    writeJobRepository(project, staged ? kept : null, {
      head: /^[0-9a-f]{40,64}$/.test(head) ? head : null,
      refs: wish.refs,
      shallow: await wish.shallow,
      origin: wish.origin,
      objectFormat: objectFormatOf(wish.repository.gitDir),
    })
    rmSync(kept, { force: true })
    lastCheckout = checkoutFor(wish.repository)
    openCheckout(lastCheckout)
    return ok('')
  }

  function writeGit(checkout: Checkout, job: JobRepository): TreeState | undefined {
    const gitDir = join(project, '.git')
    if (lstatSync(gitDir, { throwIfNoEntry: false })) trash.discard(gitDir)
    writeJobRepository(project, join(checkout.gitDir, 'index'), job)
    return readTree(gitDir, SMALL_TREE)
  }

  async function bringFiles(
    wish: CheckoutWish,
  ): Promise<Result<{ content: Content; removed: string }, SourceProblem>> {
    const known = content
    content = undefined
    const checkout = known?.checkout ?? checkoutFor(wish.repository)
    lastCheckout = checkout
    if (!known) openCheckout(checkout)
    const files = known
      ? await checkOut(checkout, wish.sha)
      : await checkOutAnew(checkout, wish.sha, wish.cleanFlags)
    if (!files.ok) return files
    const tree = noteTree(checkout)
    small = tree !== undefined
    const made: Content = { checkout, sha: wish.sha, tree, git: undefined, job: NO_REPOSITORY }
    return ok({ content: made, removed: files.value })
  }

  /** The same once all that came since is discarded; undefined when something is missing or another. */
  function unchanged(known: Content): Content | undefined {
    const { tree } = known
    if (!tree || discardChanges(project, tree, ['.git'], trash.discard) !== 'complete') return undefined
    return { ...known, git: untouchedGit(known) }
  }

  function untouchedGit({ git }: Content): TreeState | undefined {
    const gitDir = join(project, '.git')
    return git && isFolder(gitDir) && isUntouched(gitDir, git) ? git : undefined
  }

  async function restore(known: Content): Promise<Content | undefined> {
    if (!isFolder(project) || !isFolder(temp)) return undefined
    openUp(project)
    const same = unchanged(known)
    if (same) return same
    const { checkout, sha, tree } = known
    const git = untouchedGit(known)
    const files = tree
      ? await checkOut(checkout, sha)
      : await checkOutAnew(checkout, sha, DEFAULT_CLEAN_FLAGS)
    if (!files.ok) return undefined
    return { ...known, git, tree: tree && noteTree(checkout) }
  }

  /** File variables may be secret: they do not wait in the trash. */
  function emptyTemp(): void {
    isReady = false
    if (isFolder(temp))
      for (const entry of readdirSync(temp)) rmSync(join(temp, entry), { recursive: true, force: true })
  }

  function discard(paths: readonly string[]): void {
    for (const path of paths) if (lstatSync(path, { throwIfNoEntry: false })) trash.discard(path)
    makeFolders([project])
  }

  return {
    folder,
    project,
    temp,
    ready,
    async prepare(wish) {
      const first = await attempt(() => prepare(wish))
      if (first.ok) return first
      // A workspace that git cannot put right is thrown away, once.
      content = undefined
      return attempt(async () => {
        discard([project, join(folder, 'git')])
        return prepare(wish)
      })
    },
    prepareWithoutCheckout: (wish) => attempt(() => prepareWithoutCheckout(wish)),
    empty() {
      ready()
      content = undefined
      discard([project])
    },
    mistrust: () => void (content = undefined),
    async leave() {
      content = undefined
      try {
        emptyTemp()
      } catch {
        // the next job's `ready` finds out what is wrong
      }
      emptyTrash()
    },
    async clean() {
      const known = content
      content = undefined
      try {
        emptyTemp()
        content = known && (await restore(known))
        // While nobody waits for it.
        if (content && content.git === undefined)
          content = { ...content, git: writeGit(content.checkout, content.job) }
      } catch {
        content = undefined // the next `prepare` finds out what is wrong, and says so in a log
      }
      emptyTrash()
    },
    keep() {
      if (!content?.tree) return
      const { checkout, sha, tree, job, git } = content
      const umask = process.umask()
      keepState(folder, { repository: checkout.repository.gitDir, project, umask, sha, tree, job, git })
    },
    sha: () => content?.sha ?? null,
    small: () => small,
    listUntracked: async () => (lastCheckout ? listUntracked(lastCheckout) : []),
  }
}

async function attempt(
  work: () => Promise<Result<string, SourceProblem>>,
): Promise<Result<string, SourceProblem>> {
  try {
    return await work()
  } catch (error) {
    return err({ message: error instanceof Error ? error.message : String(error), exitCode: null })
  }
}
