import { runGit } from '../../platform/git-command.ts'
import { broken, doubtful, fine, type Finding } from './finding.ts'

/** `git cat-file --batch-command -z` is of 2.38. */
const OLDEST_GIT = [2, 38] as const
/** package.json, `engines`. */
const OLDEST_NODE = [20, 19] as const

export function checkVersion(version: string): Finding {
  return fine('version', `Sluice ${version}`)
}

export function checkPlatform(platform: string): Finding {
  if (platform === 'linux') return fine('platform', 'Linux')
  return doubtful(
    'platform',
    `${platform}: jobs run as plain processes here`,
    'Linux has the sandbox; Windows through WSL2',
  )
}

export function checkNode(version: string): Finding {
  if (isAtLeast(version, OLDEST_NODE)) return fine('node', `Node ${version}`)
  return broken('node', `Node ${version} is too old`, `install Node ${OLDEST_NODE.join('.')} or newer`)
}

/** Asks git for its version. */
export async function checkGit(): Promise<Finding> {
  const asked = await runGit({ place: { kind: 'none' }, args: ['--version'] })
  if (!asked.ok)
    return broken('git', `git cannot be run: ${asked.error.message}`, 'install it: apt-get install git')
  return judgeGit(asked.value.toString())
}

export function judgeGit(said: string): Finding {
  const version = /(\d+\.\d+(?:\.\d+)*)/.exec(said)?.[1] ?? ''
  if (isAtLeast(version, OLDEST_GIT)) return fine('git', `git ${version}`)
  const wanted = OLDEST_GIT.join('.')
  return broken(
    'git',
    `git ${version || said.trim()} is too old`,
    `install git ${wanted} or newer: apt-get install git, or https://git-scm.com/downloads where that has an older one`,
  )
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number)
  return first > major || (first === major && second >= minor)
}
