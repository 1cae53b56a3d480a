import { closeSync, constants, fstatSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { NO_PUSH_OPTIONS, type PushOptions } from '../../model/push-options.ts'

/** Below the git directory; the hook of `sluice hook install` writes there. */
export const PUSH_OPTIONS_FOLDER = join('sluice', 'push-options')

/** Git limits a push to lines of 64 kB; a file that is larger is not the hook's. */
const MOST_BYTES = 1024 * 1024

/**
 * The options of the push that brought a ref to this commit; none when no hook wrote them down. The file has the commit in its
 * first line and an option in each further one.
 */
export function readPushOptions(folder: string, ref: string, sha: string): PushOptions {
  const [tip, ...options] = readText(fileOf(folder, ref))?.split('\n') ?? []
  return tip === sha ? parsePushOptions(options) : NO_PUSH_OPTIONS
}

/** Takes away what was used. A file of another user stays: it names a commit that has had its pipeline. */
export function forgetPushOptions(folder: string, ref: string): void {
  try {
    rmSync(fileOf(folder, ref), { force: true })
  } catch {
    // as said
  }
}

/** GitLab's PushOptions: `namespace.key=value`; what it does not know is passed over. */
export function parsePushOptions(options: readonly string[]): PushOptions {
  let skip = false
  const variables: { key: string; value: string }[] = []
  const inputs: Record<string, unknown> = {}
  for (const option of new Set(options)) {
    const [, key = '', value = ''] = /^\s*ci\.([^=]+?)\s*(?:=\s*([^]*?)\s*)?$/.exec(option) ?? []
    const [name, given] = pairOf(value)
    if (key === 'skip') skip = true
    // GitLab: `=123` and `FOO` are passed over, `FOO=` is an empty value.
    if (name === '' || given === undefined) continue
    if (key === 'variable') variables.push({ key: name, value: given })
    if (key === 'input') inputs[name] = inputOf(given)
  }
  return { skip, variables, inputs }
}

function pairOf(text: string): [string, string | undefined] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, undefined] : [text.slice(0, equals).trim(), text.slice(equals + 1)]
}

/** GitLab reads what is JSON of another kind than a text as that: `["a"]`, `true`, `3`. */
function inputOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? text : value
  } catch {
    return text
  }
}

/** The hook writes `%` and `/` of a name in the way of addresses, so that every ref has one file. */
function fileOf(folder: string, ref: string): string {
  return join(folder, PUSH_OPTIONS_FOLDER, ref.replaceAll('%', '%25').replaceAll('/', '%2F'))
}

function readText(path: string): string | undefined {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = fstatSync(file)
      return stats.isFile() && stats.size <= MOST_BYTES ? readFileSync(file, 'utf8') : undefined
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}
