import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from '../../shared/result.ts'
import { headingLine, noticeLine, warningLine } from '../log/ansi.ts'
import { describeOutcome, type Outcome } from '../outcome.ts'
import type { SourceProblem } from '../workspace/checkout.ts'
import type { SourceRepository } from '../workspace/repositories.ts'
import type { CheckoutWish } from '../workspace/slot.ts'
import { inAttempts } from './attempts.ts'
import { inSection, type Build } from './build.ts'
import { fetchMore } from './fetch.ts'
import { preGetSources } from './hooks.ts'
import { bringLargeFiles, setUpSubmodules, type PathOf } from './source-extras.ts'

/** Where the sources come from. */
export interface Sources extends SourceRepository {
  /** What the user named in the settings: a work tree or a bare repository; by the full path of a project that is served. */
  readonly pathOf: PathOf
}

/** Brings the commit into the workspace as `GIT_STRATEGY` and its like say. Undefined: it is there. */
export function getSources(build: Build, sources: Sources): Promise<Outcome | undefined> {
  return inAttempts(
    build,
    build.settings.attempts.getSources,
    async (attempt) => {
      if (attempt === 2) await clearWorktree(build)
      return inSection(build, 'get_sources', async () => {
        build.log.say(headingLine('Getting source from Git repository'))
        return bring(build, sources)
      })
    },
    describeOutcome,
  )
}

async function bring(build: Build, sources: Sources): Promise<Outcome | undefined> {
  const { log, settings, workspace } = build
  const { slot } = workspace
  if (settings.strategy === 'none' || settings.strategy === 'empty') {
    const anew = settings.strategy === 'empty'
    log.say(
      noticeLine(`Skipping Git repository setup${anew ? ' and creating an empty build directory' : ''}`) +
        noticeLine('Skipping Git checkout'),
    )
    if (anew) slot.empty()
    log.say(noticeLine('Skipping Git submodules setup'))
    return undefined
  }
  const hooked = await preGetSources(build)
  if (hooked) return hooked
  if (settings.strategy === 'clone') slot.empty()
  const failed =
    (await fetchAndCheckOut(build, sources)) ??
    (await bringLargeFiles(build, sources)) ??
    (await setUpSubmodules(build, sources.pathOf))
  // gitlab-runner fetches first. Flags such as `--upload-pack` run the job's own programs, which could write into `.git` what the git before would obey.
  return failed ?? fetchMore(build)
}

async function fetchAndCheckOut(build: Build, sources: Sources): Promise<Outcome | undefined> {
  const { log, payload, settings, workspace } = build
  const { git_info: git, sluice } = payload
  const { slot } = workspace
  sayFetching(build)
  const wish = wishOf(build, sources)
  if (!settings.checkout) {
    const kept = await slot.prepareWithoutCheckout(wish)
    if (kept.ok) log.say(noticeLine('Skipping Git checkout'))
    return kept.ok ? undefined : failure(build, kept)
  }
  log.say(noticeLine(`Checking out ${git.sha.slice(0, 8)} as detached HEAD (ref is ${git.ref})...`))
  if (sluice.checkout_sha !== git.sha)
    log.say(
      noticeLine(
        `With the uncommitted changes of the work tree (snapshot ${sluice.checkout_sha.slice(0, 8)})`,
      ),
    )
  const prepared = await slot.prepare(wish)
  if (!prepared.ok) return failure(build, prepared)
  if (prepared.value !== '') log.say(prepared.value)
  return undefined
}

function sayFetching({ log, payload, workspace, environment }: Build): void {
  const { depth } = payload.git_info
  const used = lstatSync(join(workspace.slot.project, '.git'), { throwIfNoEntry: false }) !== undefined
  log.say(
    noticeLine(depth > 0 ? `Fetching changes with git depth set to ${depth}...` : 'Fetching changes...'),
  )
  log.say(
    `${used ? 'Reinitialized existing' : 'Initialized empty'} Git repository in ${environment.projectDir}/.git/\n`,
  )
  if (!used) log.say(noticeLine('Created fresh repository.'))
}

function wishOf({ payload, environment, settings }: Build, sources: Sources): CheckoutWish {
  const { git_info: git, sluice } = payload
  const shallow = sources.depths.shallow(git.sha, git.depth)
  shallow.catch(() => {}) // awaited when the files are there
  return {
    repository: sources.repository,
    origin: environment.repository,
    sha: sluice.checkout_sha,
    head: git.sha,
    refs: sources.refs.read({ name: git.ref, tag: git.ref_type === 'tag', sha: git.sha }),
    shallow,
    cleanFlags: settings.cleanFlags,
  }
}

/** gitlab-runner: a second try begins without any files. */
async function clearWorktree(build: Build): Promise<void> {
  await inSection(build, 'clear_worktree', () => {
    build.log.say(
      headingLine('Deleting all tracked and untracked files due to source fetch failure') +
        noticeLine('Deleting tracked and untracked files...'),
    )
    build.workspace.slot.empty()
  })
}

function failure({ log }: Build, result: Extract<Result<string, SourceProblem>, { ok: false }>): Outcome {
  const { message, exitCode } = result.error
  log.say(`${message}\n`)
  return exitCode === null
    ? { kind: 'system_failure', message: `getting the sources failed: ${message}` }
    : scriptFailed(exitCode)
}

function scriptFailed(code: number): Outcome {
  return { kind: 'script_failed', exit: { kind: 'exited', code: code > 0 ? code : 1 } }
}

/** Says what of the variables was not understood. */
export function saySettingErrors({ log, settings }: Pick<Build, 'log' | 'settings'>): void {
  if (settings.errors.length > 0) log.say(warningLine(settings.errors.join('\n')))
}
