import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { readSettings } from '../settings/read.ts'
import type { Settings, SettingsProblem } from '../settings/settings.ts'
import type { Clock } from '../platform/clock.ts'
import type { Diagnostic } from '../shared/diagnostic.ts'
import { byPosition } from '../shared/source-text.ts'

export interface LiveSettingsOptions {
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  /**
   * Makes these the ones that hold; resolves with what of them cannot be carried out at the moment. Rejects with a sentence when
   * nothing of them can; then the old ones hold on.
   */
  apply(settings: Settings): Promise<readonly Diagnostic[]>
  /** Somebody has to know what a look at the file came to. */
  looked(outcome: Look): void
}

/** What a look at the file came to. */
export type Look =
  /** It holds now; `text` says which of it does not. */
  | { readonly kind: 'taken'; readonly text: string; readonly leftOut: SettingsProblem }
  /** It is wrong, and the old one holds on. */
  | { readonly kind: 'refused'; readonly problem: SettingsProblem }
  /** It cannot be used, for a reason that is not written in it. */
  | { readonly kind: 'kept'; readonly text: string }

/** The configuration that holds at the moment. */
export interface LiveSettings {
  readonly current: () => Settings
  /** Reads the file anew. `changed`: it looked as if it had changed; else somebody asked for it, and is answered in any case. */
  look(why: 'changed' | 'asked'): Promise<void>
  /**
   * Makes what `change` gives of the settings that hold the ones that hold, for what changed around them. Rejects with a sentence
   * when nothing of them can be carried out; then the old ones hold on.
   */
  adjust(change: (settings: Settings) => Settings): Promise<void>
  /** Resolves when nothing is applied any more, nor will be. */
  stop(): Promise<void>
}

const STAYS = 'the configuration stays as it was'
/** A file that is away or empty for so long is meant to be. */
const PATIENCE_MS = 1000

/** Keys that are read once; the others hold as soon as they are written. */
const AT_START = [
  'listen',
  'externalUrl',
  'state',
  'buildsDir',
  'concurrency',
  'logLimit',
  'cache',
  'language',
  'log',
] as const

/** Follows `runner.config.yaml`: an invalid file, or none, changes nothing. */
export function makeLiveSettings(first: Settings, options: LiveSettingsOptions): LiveSettings {
  const { file, env, clock } = options
  let current = first
  let working = Promise.resolve()
  let stopped = false

  async function look(why: 'changed' | 'asked'): Promise<void> {
    let text = readText(file)
    if (isNothing(text)) {
      await new Promise<void>((resolve) => clock.after(PATIENCE_MS, resolve))
      if (stopped) return
      text = readText(file)
    }
    if (text === undefined || isNothing(text)) {
      const what = text === undefined ? 'cannot be read' : 'is empty'
      options.looked({ kind: 'kept', text: `${file} ${what}; ${STAYS}` })
      return
    }
    const read = readSettings(file, env)
    const problem = read.ok ? wrongEntries(read.value) : read.error
    if (problem) options.looked({ kind: 'refused', problem })
    else if (read.ok && !(why === 'changed' && isSame(read.value, current))) await take(read.value)
  }

  async function take(wanted: Settings): Promise<void> {
    let waiting: readonly Diagnostic[]
    try {
      waiting = await options.apply(wanted)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      options.looked({ kind: 'kept', text: `${file} is not taken over: ${reason}; ${STAYS}` })
      return
    }
    const later = AT_START.filter((key) => !isDeepStrictEqual(wanted[key], first[key]))
    current = wanted
    const rest = later.length > 0 ? `; ${later.map(keyText).join(', ')} will hold after the next start` : ''
    const text = `${file} is read: ${wanted.projects.length} projects${rest}`
    const diagnostics = [...wanted.leftOut.diagnostics, ...waiting].toSorted(byPosition)
    options.looked({ kind: 'taken', text, leftOut: { ...wanted.leftOut, diagnostics } })
  }

  async function adjust(change: (settings: Settings) => Settings): Promise<void> {
    const wanted = change(current)
    await options.apply(wanted)
    current = wanted
  }

  /** One after the other; what one of them rejects with concerns only who asked for it. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = working.then(() => (stopped ? undefined : work()))
    working = turn.catch(() => undefined)
    return turn
  }

  return {
    current: () => current,
    look: (why) => inTurn(() => look(why)),
    adjust: (change) => inTurn(() => adjust(change)),
    stop() {
      stopped = true
      return working
    },
  }
}

/** A daemon that starts goes on without an entry that is wrong; one that runs has a whole file to go on with. */
function wrongEntries({ leftOut }: Settings): SettingsProblem | undefined {
  return leftOut.diagnostics.some(({ severity }) => severity === 'error') ? leftOut : undefined
}

/** Whether both say the same, wherever and with whatever remarks. */
function isSame(one: Settings, other: Settings): boolean {
  return isDeepStrictEqual({ ...one, leftOut: null }, { ...other, leftOut: null })
}

function keyText(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Blank lines and remarks count as nothing: what is meant to serve no project says so (`projects: []`). */
function isNothing(text: string | undefined): boolean {
  return text === undefined || text.split('\n').every((line) => /^\s*(#.*)?$/.test(line))
}
