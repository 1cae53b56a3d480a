// Why git does not read a repository, in words that say what to do.
import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { isMissing } from './files.ts'
import { runGit } from './git-command.ts'

/** Why a repository is not read. */
export interface GitRefusal {
  /** A sentence without a point. */
  readonly reason: string
  /** What a person can do; null: git's words say all that is known. */
  readonly help: string | null
}

/**
 * Asks git, as the user's own command in that folder would (`safe.directory` counts), whether it reads the repository; undefined
 * when it does. Costs a process.
 */
export async function whyRefused(path: string): Promise<GitRefusal | undefined> {
  const place = { kind: 'work-tree', folder: path } as const
  const result = await runGit({ place, args: ['rev-parse', '--git-dir'] })
  return result.ok ? undefined : explainRefusal(result.error.message, path)
}

/** Whether a folder belongs to another user than this process; only then git may refuse it for that, and is worth being asked. */
export function isForeign(path: string): boolean {
  const owner = ownerOf(path)
  return owner !== undefined && owner !== process.geteuid?.()
}

/** The reason and what helps, in one line. */
export function refusalText({ reason, help }: GitRefusal): string {
  return help === null ? reason : `${reason}; ${help}`
}

/** Git's words about a repository, put plainly where they are known. */
export function explainRefusal(message: string, path: string): GitRefusal {
  const foreign = /detected dubious ownership in repository at '([^]*?)'(?:\n|$)/.exec(message)?.[1]
  if (foreign !== undefined) return foreignOwner(path, foreign)
  if (message.includes('not a git repository')) return { reason: whatIsThere(path), help: null }
  const extension = /unknown repository extensions? found:\s*(\w+)/i.exec(message)?.[1]?.toLowerCase()
  if (extension === 'refstorage')
    return {
      reason: 'its branches and tags are kept as reftable, which the git in PATH is too old for',
      help: 'git 2.45 or newer reads them; or, with such a git: git refs migrate --ref-format=files',
    }
  if (extension !== undefined)
    return {
      reason: `it has the extension ${extension}, which the git in PATH does not know`,
      help: 'a newer git may know it',
    }
  return { reason: message.replace(/^fatal: /, '').replaceAll(/\s*\n\s*/g, ' '), help: null }
}

/** Git says no more of a folder that it may not look into. */
function whatIsThere(path: string): string {
  try {
    accessSync(path, constants.R_OK | constants.X_OK)
    return 'it is no git repository any more'
  } catch (error) {
    return isMissing(error) ? 'it is not there' : `Sluice may not read it (${String(error)})`
  }
}

/** Git: CVE-2022-24765; its configuration could name programs that are then run as whoever looks at it. */
function foreignOwner(path: string, named: string): GitRefusal {
  const own = process.geteuid?.()
  const owner = [path, join(path, '.git'), named].map(ownerOf).find((uid) => uid !== undefined && uid !== own)
  const whose = owner === undefined ? 'another user' : userName(owner)
  const we = ownName()
  return {
    reason: `it belongs to ${whose}, and Sluice runs as ${we}; git reads repositories of others only when it is told to`,
    help: `as ${we}: git config --global --add safe.directory '${named.replaceAll("'", String.raw`'\''`)}'`,
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid
  } catch {
    return undefined
  }
}

function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return `the user ${process.geteuid?.()}`
  }
}

function userName(uid: number): string {
  const row = accounts().find(([, , id]) => id === String(uid))
  return row?.[0] ?? `the user ${uid}`
}

function accounts(): string[][] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
  } catch {
    return []
  }
}
