import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { objectFormatOf, readText } from '../../platform/bare-repository.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { HostRepository } from '../executors/executor.ts'
import {
  checkOut,
  cleanUp,
  listUntracked,
  openCheckout,
  straightenPermissions,
  type Checkout,
} from './checkout.ts'
import { writeJobRepository, type JobRepository } from './job-repository.ts'
import { openTrash, type Trash } from './remove-tree.ts'
import { discardChanges, isUntouched, readTree, type TreeState } from './tree-state.ts'

/** Above so many files and folders git finds out what a job changed: looking at each ourselves would hold up everything else. */
export const SMALL_TREE = 2_000

/** What a job asks of its workspace. */
export interface CheckoutWish {
  readonly repository: HostRepository
  /** The mirror by the name that the job knows. */
  readonly origin: HostRepository
  readonly sha: string
  /** What HEAD names afterwards. */
  readonly head: string
  readonly refs: string
}

/**
 * One reusable workspace:
 *
 *     <slot>/lock           who uses it
 *     <slot>/git/           our git directory, which no job sees
 *     <slot>/<name>/        the project folder, with a .git of its own
 *     <slot>/<name>.tmp/    file variables
 *     <slot>/trash/         what is being deleted
 */
export interface Slot {
  readonly folder: string
  readonly project: string
  readonly temp: string
  /** Makes the workspace exactly that commit. Nothing is done when it is known to be so. */
  prepare(wish: CheckoutWish): Promise<Result<null, string>>
  /** Takes away what a job did. Never rejects; a slot that cannot be cleaned starts anew next time. */
  clean(): Promise<void>
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

  async function prepare(wish: CheckoutWish): Promise<Result<null, string>> {
    if (content?.checkout.repository.gitDir !== wish.repository.gitDir) content = undefined
    const files = content?.sha === wish.sha ? ok(content) : await bringFiles(wish)
    if (!files.ok) return files
    const { checkout, job: before, git } = files.value
    const job: JobRepository = {
      head: wish.head,
      refs: wish.refs,
      shallow: readText(join(wish.repository.gitDir, 'shallow')) ?? null,
      origin: wish.origin,
      objectFormat: checkout.objectFormat,
    }
    content = {
      ...files.value,
      job,
      git: git !== undefined && sameRepository(before, job) ? git : writeGit(checkout, job),
    }
    return ok(null)
  }

  function writeGit(checkout: Checkout, job: JobRepository): TreeState | undefined {
    const gitDir = join(project, '.git')
    if (lstatSync(gitDir, { throwIfNoEntry: false })) trash.discard(gitDir)
    writeJobRepository(project, join(checkout.gitDir, 'index'), job)
    return readTree(gitDir, SMALL_TREE)
  }

  async function bringFiles(wish: CheckoutWish): Promise<Result<Content, string>> {
    const known = content
    content = undefined
    const checkout = known?.checkout ?? checkoutFor(wish.repository)
    if (!known) {
      setUp(folder, { project, temp }, trash)
      openCheckout(checkout)
      emptyTrash()
    }
    const files = known ? await checkOut(checkout, wish.sha) : await checkOutAnew(checkout, wish.sha)
    if (!files.ok) return files
    const tree = readTree(project, SMALL_TREE, ['.git'])
    small = tree !== undefined
    return ok({ checkout, sha: wish.sha, tree, git: undefined, job: NO_REPOSITORY })
  }

  async function restore(known: Content): Promise<Content | undefined> {
    if (!isFolder(project) || !isFolder(temp)) return undefined
    const { checkout, sha, tree } = known
    const git =
      known.git && isFolder(join(project, '.git')) && isUntouched(join(project, '.git'), known.git)
        ? known.git
        : undefined
    if (tree && discardChanges(project, tree, ['.git'], trash.discard) === 'complete')
      return { ...known, git }
    const files = tree ? await checkOut(checkout, sha) : await checkOutAnew(checkout, sha)
    if (!files.ok) return undefined
    return { ...known, git, tree: tree && readTree(project, SMALL_TREE, ['.git']) }
  }

  return {
    folder,
    project,
    temp,
    async prepare(wish) {
      const first = await attempt(() => prepare(wish))
      if (first.ok) return first
      // A workspace that git cannot put right is thrown away, once.
      content = undefined
      return attempt(async () => {
        for (const path of [project, join(folder, 'git')])
          if (lstatSync(path, { throwIfNoEntry: false })) trash.discard(path)
        return prepare(wish)
      })
    },
    async clean() {
      const known = content
      content = undefined
      try {
        // File variables may be secret: they do not wait in the trash.
        if (isFolder(temp))
          for (const entry of readdirSync(temp)) rmSync(join(temp, entry), { recursive: true, force: true })
        content = known && (await restore(known))
        // While nobody waits for it.
        if (content && content.git === undefined)
          content = { ...content, git: writeGit(content.checkout, content.job) }
      } catch {
        content = undefined // the next `prepare` finds out what is wrong, and says so in a log
      }
      emptyTrash()
    },
    sha: () => content?.sha ?? null,
    small: () => small,
    listUntracked: async () => (content ? listUntracked(content.checkout) : []),
  }
}

const NO_REPOSITORY: JobRepository = {
  head: '',
  refs: '',
  shallow: null,
  origin: { gitDir: '', objects: [] },
  objectFormat: '',
}

function sameRepository(a: JobRepository, b: JobRepository): boolean {
  return (
    a.head === b.head && a.refs === b.refs && a.shallow === b.shallow && a.origin.gitDir === b.origin.gitDir
  )
}

/** A workspace about which nothing is known: new, from another process, or too large to be noted. */
async function checkOutAnew(checkout: Checkout, sha: string): Promise<Result<null, string>> {
  const used = readdirSync(checkout.project).length > 0
  const files = await checkOut(checkout, sha)
  if (!files.ok || !used) return files
  const cleaned = await cleanUp(checkout)
  if (!cleaned.ok) return cleaned
  const noted = readTree(checkout.project, SMALL_TREE, ['.git'])
  return noted && straightenPermissions(checkout.project, noted.keys()) ? checkOut(checkout, sha) : ok(null)
}

function setUp(
  folder: string,
  places: { readonly project: string; readonly temp: string },
  trash: Trash,
): void {
  for (const path of [places.project, places.temp]) {
    if (!isFolder(path) && lstatSync(path, { throwIfNoEntry: false })) trash.discard(path)
    mkdirSync(path, { recursive: true, mode: path === places.temp ? 0o700 : 0o755 })
  }
  for (const name of readdirSync(places.temp))
    rmSync(join(places.temp, name), { recursive: true, force: true })
  const wanted = new Set(['git', 'trash'])
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry)
    if (!wanted.has(entry) && !entry.startsWith('lock') && path !== places.project && path !== places.temp)
      trash.discard(path)
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

async function attempt(work: () => Promise<Result<null, string>>): Promise<Result<null, string>> {
  try {
    return await work()
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error))
  }
}
