import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { runGit } from '../platform/git-command.ts'
import { readIdentity, type Identity } from '../platform/identity.ts'
import { findWorkTree, type WorkTree } from '../platform/work-tree.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { EXIT } from './exit-code.ts'
import { failure, usageFailure, type Failure } from './failure.ts'

/** The repository that a command was called in. */
export async function findRepository(cwd: string): Promise<Result<WorkTree, Failure>> {
  const folder = resolve(cwd)
  if (!existsSync(folder)) return err(usageFailure('cwd.missing', `${folder} does not exist`))
  try {
    const tree = await findWorkTree(folder)
    if (tree) return ok(tree)
    return err(
      usageFailure(
        'cwd.no_repository',
        `${folder} is not in the working tree of a git repository`,
        '`git init` makes one; `--cwd DIR` names another',
      ),
    )
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const exitCode = message.startsWith('git is not installed') ? EXIT.machine : EXIT.usage
    return err(failure(exitCode, 'cwd.git', message))
  }
}

/** What the repository's remote says of the project it is. */
export interface Origin {
  /** `group/app`, or `local/<folder>` where there is no remote with such a path. */
  readonly projectName: string
  /** `https://gitlab.example.com`: what jobs take for their GitLab. Nothing answers there for us. */
  readonly serverUrl: string
}

const NOWHERE = 'http://localhost'

/** What git's configuration says in a folder, inside a repository or not. */
export interface Configuration {
  readonly originUrl: string | undefined
  readonly identity: Identity
}

/** One process for a person who has told git their name. */
export async function readConfiguration(folder: string): Promise<Configuration> {
  const args = ['config', '-z', '--get-regexp', '^(user\\.(name|email)|remote\\.origin\\.url)$']
  const result = await runGit({ place: { kind: 'work-tree', folder }, args })
  // `key LF value NUL`; the last of a key wins.
  const entries = result.ok ? result.value.toString().split('\0') : []
  const values = new Map(
    entries.map(
      (entry) => [entry.slice(0, entry.indexOf('\n')), entry.slice(entry.indexOf('\n') + 1)] as const,
    ),
  )
  const name = values.get('user.name')
  const email = values.get('user.email')
  return {
    originUrl: values.get('remote.origin.url'),
    identity: name && email ? { name, email } : await readIdentity(folder),
  }
}

/** `git@host:group/app.git`, `https://host:8443/group/app.git`, `ssh://git@host/group/app`; anything else is local. */
export function originOf(url: string | undefined, root: string): Origin {
  const scp = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)\/?(.+)$/.exec(url ?? '')
  const full = /^(https?|ssh|git):\/\/(?:[^@/]*@)?([^/]+)\/(.+)$/.exec(url ?? '')
  const host = full?.[2] ?? scp?.[1]
  const path = (full?.[3] ?? scp?.[2])?.replace(/\/+$/, '').replace(/\.git$/, '')
  if (!host || !path || !isProjectPath(path))
    return { projectName: `local/${projectWord(basename(root))}`, serverUrl: NOWHERE }
  // The port of ssh says nothing of the web address.
  const web = full?.[1]?.startsWith('http') ? `${full[1]}://${host}` : `https://${host.replace(/:\d+$/, '')}`
  return { projectName: path, serverUrl: web }
}

/** GitLab: a group and a project at least, each of letters, digits, `_`, `-` and `.`. */
function isProjectPath(path: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)+$/.test(path)
}

function projectWord(folder: string): string {
  return folder.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'project'
}
