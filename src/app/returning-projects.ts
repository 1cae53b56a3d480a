import type { Clock } from '../platform/clock.ts'
import { projectKind } from '../settings/repository-kind.ts'
import type { ProjectSettings, Settings } from '../settings/settings.ts'
import type { ProjectOpener } from './served-projects.ts'

export interface ReturnOptions {
  readonly clock: Clock
  readonly opener: ProjectOpener
  /** Those that are waited for now. */
  closed(): readonly ProjectSettings[]
  settings(): Settings
  /** These can be opened now, as what they are now. When it rejects, they are waited for on. */
  back(projects: readonly ProjectSettings[]): Promise<void>
  notice(text: string): void
}

/** A disk that is mounted, a folder that is moved back: nobody waits longer for it. */
const LOOK_MS = 5000

/** Looks now and then for projects whose repository could not be opened. Returns what ends that. */
export function awaitReturn(options: ReturnOptions): () => void {
  const { clock, opener } = options
  let cancel = clock.after(LOOK_MS, next)
  let ended = false
  let trouble: string | undefined

  function next(): void {
    void lookOrTell().finally(() => {
      if (!ended) cancel = clock.after(LOOK_MS, next)
    })
  }

  /** Trouble is told once for as long as it is the same. */
  async function lookOrTell(): Promise<void> {
    try {
      await look()
      trouble = undefined
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      if (text !== trouble) options.notice(`projects that are back cannot be served yet: ${text}`)
      trouble = text
    }
  }

  async function look(): Promise<void> {
    const there = options.closed().flatMap((project) => {
      const kind = projectKind(project.path)
      return kind === 'missing' ? [] : [{ ...project, kind }]
    })
    if (there.length === 0) return
    const { closed } = await opener.open({ ...options.settings(), projects: there })
    const still = new Set(closed.map(({ id }) => id))
    const back = there.filter(({ id }) => !still.has(id))
    if (back.length > 0 && !ended) await options.back(back)
  }

  return () => {
    ended = true
    cancel()
  }
}
