import type { Engine } from '../../pipeline/engine.ts'
import type { KnownRef, RefChange } from '../../model/ref-change.ts'
import type { WatchRules } from '../../model/watch-rules.ts'
import type { RefTip } from '../../platform/git.ts'
import type { Store } from '../../store/store.ts'
import { isReftable, looseText } from './git-folders.ts'
import { forgetPushOptions, readPushOptions } from './push-options.ts'
import { refChanges } from './ref-changes.ts'
import { wantedRefs } from './wanted-refs.ts'

export interface RefListing {
  readonly tips: readonly RefTip[]
  /** Full names of those whose commit is not there. */
  readonly damaged: ReadonlySet<string>
}

export interface FollowOptions {
  readonly project: { readonly id: number; readonly name: string; readonly rules: WatchRules }
  /** Where the refs are. */
  readonly folder: () => string
  /** Read only. */
  readonly store: Store
  readonly engine: Pick<Engine, 'pushes'>
  readonly mostPipelines: () => number
  readonly list: () => Promise<RefListing>
  /** Whether the repository has all its parts and nobody writes to it; else it may be on its way out, or in. */
  readonly isWhole: () => Promise<boolean>
  notice(text: string): void
}

type Tip = RefChange & { readonly to: string }

/**
 * Makes pipelines of what moved between two listings, and notes where all refs stand. False when something is to be looked at
 * again later. Rejects when there is a tip whose pipeline could neither be made nor refused: that one is not noted, and another
 * try makes up for it.
 */
export function refFollower(options: FollowOptions): () => Promise<boolean> {
  const { project, folder, store, engine } = options
  const isWanted = wantedRefs(project.rules)
  let known: Map<string, KnownRef> | undefined
  let told = ''

  async function follow(): Promise<boolean> {
    const refs = (known ??= store.watchedRefs.of(project.id))
    const changes = changesOf(refs, await options.list())
    if (!store.watchedRefs.isWatched(project.id)) {
      note(refs, changes, true)
      return true
    }
    const doubtful = new Set(changes.filter(isDoubtful))
    await take(
      refs,
      changes.filter((change) => !doubtful.has(change)),
    )
    return doubtful.size === 0 || confirm(refs, [...doubtful])
  }

  /** What is gone is believed at once, so that a tag that is made anew is seen; what went back only when it stays so. */
  async function confirm(refs: Map<string, KnownRef>, doubtful: readonly RefChange[]): Promise<boolean> {
    if (!(await options.isWhole())) return false
    note(
      refs,
      doubtful.filter(({ to }) => to === null),
    )
    const back = doubtful.filter(({ to }) => to !== null)
    if (back.length === 0) return true
    const now = new Map(changesOf(refs, await options.list()).map(({ name, to }) => [name, to]))
    const stayed = back.filter(({ name, to }) => now.get(name) === to)
    await take(refs, stayed)
    return stayed.length === back.length
  }

  /**
   * When a repository is removed, its loose refs go before `packed-refs`, where older commits stand behind the same names. Git
   * itself never lets go of them like that.
   */
  function isDoubtful({ name, from, to }: RefChange): boolean {
    if (to === null) return true
    return from !== null && looseText(folder(), name) === undefined && !isReftable(folder())
  }

  function changesOf(refs: ReadonlyMap<string, KnownRef>, { tips, damaged }: RefListing): RefChange[] {
    const cutShort = new Set<string>()
    const changes = refChanges(refs, tips, (name) => {
      // Git passes over a file that a power cut has emptied, and lists the others.
      if (looseText(folder(), name)?.match(/^[0-9a-f]{40}/) === null) cutShort.add(name)
      return damaged.has(name) || cutShort.has(name)
    })
    tellDamage([...damaged, ...cutShort])
    return changes
  }

  async function take(refs: Map<string, KnownRef>, changes: readonly RefChange[]): Promise<void> {
    const moved = changes.flatMap((change) => (change.to === null ? [] : [{ ...change, to: change.to }]))
    const runs = bounded(moved.filter(({ name }) => isWanted(name)))
    const running = new Set(runs)
    note(
      refs,
      moved.filter((change) => !running.has(change)),
    )
    const failures: string[] = []
    // A commit whose files cannot be read is no reason to leave the other branches out.
    for (const change of runs)
      await run(refs, change).catch((error: unknown) => failures.push(`${change.name}: ${String(error)}`))
    if (failures.length > 0) throw new Error(failures.join('; '))
  }

  function bounded(wanted: readonly Tip[]): readonly Tip[] {
    const runs = wanted.slice(0, options.mostPipelines())
    if (wanted.length > runs.length) {
      options.notice(
        `${project.name}: ${wanted.length} branches and tags moved at once; pipelines are made for ${runs.length} (limits.pipelines_per_push)`,
      )
    }
    return runs
  }

  async function run(refs: Map<string, KnownRef>, change: Tip): Promise<void> {
    const { name, to } = change
    const result = await engine.pushes.push(project.id, change, readPushOptions(folder(), name, to))
    forgetPushOptions(folder(), name)
    if (result?.kind === 'refused' && result.refusal.reason === 'reference_not_found')
      options.notice(`${project.name}: ${name}: ${result.refusal.message}`)
    remember(refs, change)
  }

  function note(refs: Map<string, KnownRef>, changes: readonly RefChange[], begin = false): void {
    if (changes.length === 0 && !begin) return
    engine.pushes.note(project.id, changes, begin)
    for (const change of changes) remember(refs, change)
  }

  function remember(refs: Map<string, KnownRef>, { name, to, moves }: RefChange): void {
    refs.set(name, { sha: to, moves: moves + 1 })
  }

  /** Once for as long as it is the same. */
  function tellDamage(names: readonly string[]): void {
    const text = [...new Set(names)].toSorted().join(', ')
    if (text !== '' && text !== told)
      options.notice(
        `${project.name}: no commit can be read behind ${text}; the other branches and tags are followed`,
      )
    told = text
  }

  return follow
}
