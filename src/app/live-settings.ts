import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { readSettings } from '../settings/read.ts'
import type { Settings, SettingsProblem } from '../settings/settings.ts'
import type { Clock } from '../platform/clock.ts'

export interface LiveSettingsOptions {
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  /** Makes these the ones that hold. Rejects with a sentence when that cannot be; then the old ones hold on. */
  apply(settings: Settings): Promise<void>
  /** The file is wrong, and the old settings hold on. */
  refused(problem: SettingsProblem): void
  notice(text: string): void
  /** The file holds now; which of it does not, too. */
  taken(text: string): void
}

/** The configuration that holds at the moment. */
export interface LiveSettings {
  readonly current: () => Settings
  /** Reads the file anew. `changed`: it looked as if it had changed; else somebody asked for it, and is answered in any case. */
  look(why: 'changed' | 'asked'): Promise<void>
}

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

  async function look(why: 'changed' | 'asked'): Promise<void> {
    let text = readText(file)
    if (isNothing(text)) {
      await new Promise<void>((resolve) => clock.after(PATIENCE_MS, resolve))
      text = readText(file)
    }
    if (text === undefined || isNothing(text)) {
      const what = text === undefined ? 'cannot be read' : 'is empty'
      options.notice(`${file} ${what}; the configuration stays as it was`)
      return
    }
    const read = readSettings(file, env)
    if (!read.ok) return options.refused(read.error)
    await take(read.value, why)
  }

  async function take(wanted: Settings, why: 'changed' | 'asked'): Promise<void> {
    if (why === 'changed' && isDeepStrictEqual(wanted, current)) return
    try {
      await options.apply(wanted)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      options.notice(`${file} is not taken over: ${reason}; the configuration stays as it was`)
      return
    }
    const later = AT_START.filter((key) => !isDeepStrictEqual(wanted[key], first[key]))
    current = wanted
    const rest = later.length > 0 ? `; ${later.map(keyText).join(', ')} will hold after the next start` : ''
    options.taken(`${file} is read: ${wanted.projects.length} projects${rest}`)
  }

  return {
    current: () => current,
    look: (why) => (working = working.then(() => look(why))),
  }
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

function isNothing(text: string | undefined): boolean {
  return text === undefined || text.trim() === ''
}
