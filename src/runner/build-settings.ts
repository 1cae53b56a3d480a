/** What variables such as `GIT_STRATEGY` say of how a job is run; GitLab's names, defaults and words. */
export interface BuildSettings {
  readonly strategy: 'clone' | 'fetch' | 'none' | 'empty'
  readonly checkout: boolean
  /** Arguments of `git clean`; empty: it is not run. */
  readonly cleanFlags: readonly string[]
  /** Arguments of `git fetch`; null: the default. */
  readonly fetchFlags: readonly string[] | null
  readonly submodules: SubmoduleSettings
  readonly lfsSkipSmudge: boolean
  /** Empty: the usual folder. */
  readonly clonePath: string
  /** How often a stage is tried: 1 to 10. */
  readonly attempts: {
    readonly getSources: number
    readonly restoreCache: number
    readonly downloadArtifacts: number
  }
  /** What was not understood, in gitlab-runner's words. */
  readonly errors: readonly string[]
}

export interface SubmoduleSettings {
  readonly strategy: 'none' | 'normal' | 'recursive' | 'invalid'
  readonly paths: readonly string[]
  /** 0: all of the history. */
  readonly depth: number
  readonly updateFlags: readonly string[]
  readonly forceHttps: boolean
}

export const DEFAULT_CLEAN_FLAGS: readonly string[] = ['-ffdx']

/** Reads them from variables as a job has them. `depth` is that of the clone, `allowFetch` the server's word. */
export function readBuildSettings(
  value: (key: string) => string | undefined,
  given: { readonly depth: number; readonly allowFetch: boolean },
): BuildSettings {
  const errors: string[] = []
  const text = (key: string): string => value(key) ?? ''
  const usualStrategy = given.allowFetch ? 'fetch' : 'clone'

  function strategy(): BuildSettings['strategy'] {
    const written = text('GIT_STRATEGY')
    if (written === 'clone' || written === 'fetch' || written === 'none' || written === 'empty')
      return written
    if (written !== '')
      errors.push(
        `GIT_STRATEGY: expected either 'clone', 'fetch', 'none' or 'empty' got ${JSON.stringify(written)}, using default value '${usualStrategy}'`,
      )
    return usualStrategy
  }

  function flag(key: string, usual: boolean): boolean {
    const written = text(key)
    if (written === '') return usual
    const read = readGoBoolean(written)
    if (read === undefined)
      errors.push(`${key}: expected bool got ${JSON.stringify(written)}, using default value: ${usual}`)
    return read ?? usual
  }

  function submoduleStrategy(): SubmoduleSettings['strategy'] {
    const written = text('GIT_SUBMODULE_STRATEGY')
    if (written === '') return 'none'
    if (written === 'none' || written === 'normal' || written === 'recursive') return written
    errors.push(
      `GIT_SUBMODULE_STRATEGY: expected either 'normal', 'recursive' or 'none' got ${JSON.stringify(written)}`,
    )
    return 'invalid'
  }

  function whole(key: string, usual: number): number {
    const written = text(key)
    if (written === '') return usual
    if (/^[+-]?\d{1,18}$/.test(written)) return Number(written)
    errors.push(`${key}: expected int got ${JSON.stringify(written)}, using default value: ${usual}`)
    return usual
  }

  function attempts(key: string): number {
    const wanted = whole(key, 1)
    const clamped = Math.max(1, Math.min(10, wanted))
    if (clamped !== wanted)
      errors.push(`${key}: number of attempts out of the range [1, 10], clamping to: ${clamped}`)
    return clamped
  }

  /** `none` is no arguments; null: nothing was written. */
  function flags(key: string): readonly string[] | null {
    const written = text(key)
    if (written === '') return null
    return written === 'none' ? [] : words(written)
  }

  const chosen = strategy()
  const withGit = chosen === 'clone' || chosen === 'fetch'
  const checkout = flag('GIT_CHECKOUT', true)
  const submodules: SubmoduleSettings = {
    strategy: submoduleStrategy(),
    paths: words(text('GIT_SUBMODULE_PATHS')),
    depth: Math.max(0, whole('GIT_SUBMODULE_DEPTH', Math.max(0, given.depth))),
    updateFlags: flags('GIT_SUBMODULE_UPDATE_FLAGS') ?? [],
    forceHttps: flag('GIT_SUBMODULE_FORCE_HTTPS', false),
  }
  attempts('EXECUTOR_JOB_SECTION_ATTEMPTS') // of executors that can lose a container between two stages
  return {
    strategy: chosen,
    checkout: withGit && checkout,
    cleanFlags: flags('GIT_CLEAN_FLAGS') ?? DEFAULT_CLEAN_FLAGS,
    fetchFlags: flags('GIT_FETCH_EXTRA_FLAGS'),
    submodules: withGit ? submodules : { ...submodules, strategy: 'none' },
    lfsSkipSmudge: flag('GIT_LFS_SKIP_SMUDGE', false),
    clonePath: text('GIT_CLONE_PATH'),
    attempts: {
      getSources: attempts('GET_SOURCES_ATTEMPTS'),
      restoreCache: attempts('RESTORE_CACHE_ATTEMPTS'),
      downloadArtifacts: attempts('ARTIFACT_DOWNLOAD_ATTEMPTS'),
    },
    errors,
  }
}

/** Whether a job may find, or leave to the next, what the commit does not hold: its workspace is then not cleaned at its end. */
export function keepsWorkspace({ strategy, checkout, cleanFlags }: BuildSettings): boolean {
  return strategy === 'none' || (strategy !== 'empty' && !checkout) || !isUsual(cleanFlags)
}

export function isUsual(cleanFlags: readonly string[]): boolean {
  return cleanFlags.join(' ') === DEFAULT_CLEAN_FLAGS.join(' ')
}

/** Go's `strconv.ParseBool`; undefined for anything else. */
export function readGoBoolean(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
