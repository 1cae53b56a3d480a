import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { JobPayload } from '../../model/payload.ts'
import type { Result } from '../../shared/result.ts'
import type { HostRepository } from '../executors/executor.ts'
import { headingLine, noticeLine } from '../log/ansi.ts'
import type { JobRefs } from '../workspace/refs.ts'
import { inSection, type Build } from './build.ts'

/** Brings the commit into the workspace, and nothing else. The error is git's. */
export function getSources(
  build: Build,
  source: { readonly repository: HostRepository; readonly refs: JobRefs },
): Promise<Result<null, string>> {
  const { log, payload, workspace, environment } = build
  const { git_info: git, sluice } = payload
  return inSection(build, 'get_sources', async () => {
    const used = lstatSync(join(workspace.slot.project, '.git'), { throwIfNoEntry: false }) !== undefined
    log.say(headingLine('Getting source from Git repository') + noticeLine('Fetching changes...'))
    log.say(
      `${used ? 'Reinitialized existing' : 'Initialized empty'} Git repository in ${environment.projectDir}/.git/\n`,
    )
    if (!used) log.say(noticeLine('Created fresh repository.'))
    log.say(noticeLine(`Checking out ${git.sha.slice(0, 8)} as detached HEAD (ref is ${git.ref})...`))
    if (sluice.checkout_sha !== git.sha)
      log.say(
        noticeLine(
          `With the uncommitted changes of the work tree (snapshot ${sluice.checkout_sha.slice(0, 8)})`,
        ),
      )
    const prepared = await workspace.slot.prepare({
      repository: source.repository,
      origin: environment.repository,
      sha: sluice.checkout_sha,
      head: git.sha,
      refs: source.refs.read({ name: git.ref, tag: git.ref_type === 'tag', sha: git.sha }),
    })
    if (prepared.ok) log.say(noticeLine('Skipping Git submodules setup'))
    else log.say(`${prepared.error}\n`)
    return prepared
  })
}

/** The name of the project folder: a shell script may take it apart with `basename`. */
export function projectFolderName(payload: JobPayload): string {
  const name = payload.job_info.project_full_path.split('/').at(-1) ?? ''
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) &&
    !/\.(git|tmp)$/.test(name) &&
    name !== 'git' &&
    name !== 'trash' &&
    !name.startsWith('lock')
    ? name
    : 'project'
}
