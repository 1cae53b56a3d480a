import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Isolation, SandboxBind, SandboxLimits, SandboxPolicy, ShellChoice } from '../model/isolation.ts'
import { parseByteSize } from './byte-size.ts'
import { complain, type Report } from './report.ts'
import {
  optional,
  readChoice,
  readFields,
  readFlag,
  readItems,
  readText,
  readWholeNumber,
  required,
  wrongType,
  type Fields,
  type Place,
} from './shape.ts'

const EXECUTORS = ['auto', 'bubblewrap', 'shell'] as const
const SANDBOX_KEYS = ['network', 'bind', 'limits', 'allow_secrets'] as const
const BIND_KEYS = ['path', 'mode'] as const
const LIMIT_KEYS = ['memory', 'pids', 'cpu'] as const

/** The keys `executor`, `shell` and `sandbox`, of the daemon or of one project; what is not said is as in `outer`. */
export function readIsolation(
  report: Report,
  fields: Fields<'executor' | 'shell' | 'sandbox'>,
  outer: Isolation,
  resolvePath: (text: string) => string,
): Isolation {
  return {
    executor: optional(report, fields.executor, outer.executor, (_, place) =>
      readChoice(report, place, EXECUTORS),
    ),
    shell: optional(report, fields.shell, outer.shell, (_, place) => readShell(report, place, outer.shell)),
    sandbox: optional(report, fields.sandbox, outer.sandbox, (_, place) =>
      readSandbox(report, place, outer.sandbox, resolvePath),
    ),
  }
}

/** `shell: bash`, or a map with `name` and `login`. */
function readShell(report: Report, place: Place, outer: ShellChoice): ShellChoice | undefined {
  const readName = (_: Report, name: Place) => readChoice(report, name, ['auto', 'bash', 'sh'] as const)
  if (place.node.kind !== 'mapping') {
    const name = readName(report, place)
    return name === undefined ? undefined : { ...outer, name }
  }
  const fields = readFields(report, place, ['name', 'login'] as const)
  return {
    name: optional(report, fields?.name, outer.name, readName),
    login: optional(report, fields?.login, outer.login, readFlag),
  }
}

function readSandbox(
  report: Report,
  place: Place,
  outer: SandboxPolicy,
  resolvePath: (text: string) => string,
): SandboxPolicy | undefined {
  const fields = readFields(report, place, SANDBOX_KEYS)
  if (!fields) return undefined
  const allowSecrets = optional(report, fields.allow_secrets, outer.allowSecrets, readFlag)
  return {
    network: optional(report, fields.network, outer.network, (_, network) =>
      readChoice(report, network, ['host', 'none', 'nat'] as const),
    ),
    binds: fields.bind
      ? readItems(report, fields.bind).flatMap(
          (item) => readBind(report, item, { allowSecrets, resolvePath }) ?? [],
        )
      : outer.binds,
    limits: optional(report, fields.limits, outer.limits, (_, limits) =>
      readLimits(report, limits, outer.limits),
    ),
    allowSecrets,
  }
}

interface BindContext {
  readonly allowSecrets: boolean
  readonly resolvePath: (text: string) => string
}

/** A path alone is read-only. */
function readBind(report: Report, item: Place, context: BindContext): SandboxBind | undefined {
  if (item.node.kind !== 'mapping') return readBindPath(report, item, false, context)
  const fields = readFields(report, item, BIND_KEYS)
  if (!fields) return undefined
  const mode = optional(report, fields.mode, 'ro', (_, place) =>
    readChoice(report, place, ['ro', 'rw'] as const),
  )
  const path = required(report, item, fields, 'path')
  return path && readBindPath(report, path, mode === 'rw', context)
}

function readBindPath(
  report: Report,
  place: Place,
  writable: boolean,
  { allowSecrets, resolvePath }: BindContext,
): SandboxBind | undefined {
  const text = readText(report, place)
  if (text === undefined) return undefined
  const path = /^~(\/|$)/.test(text) ? resolve(homedir(), `.${text.slice(1)}`) : resolvePath(text)
  const replaced =
    REPLACED.find((folder) => path === folder) ?? CLOSED.find((folder) => path.startsWith(`${folder}/`))
  if (replaced !== undefined) {
    const help = 'every job has its own there; name another path'
    return complain(report, place.node.span, {
      code: 'unusable_bind',
      message: `${place.path} ${path} cannot be shown: ${replaced} belongs to the sandbox`,
      help,
    })
  }
  const secret = allowSecrets ? undefined : secretBelow(path)
  if (secret !== undefined) {
    const help = 'jobs could read it; if that is wanted, set "allow_secrets: true" beside "bind"'
    return complain(report, place.node.span, {
      code: 'secret_bind',
      message: `${place.path} would show ${secret}`,
      help,
    })
  }
  return { path, writable }
}

/** Made by the sandbox itself; single entries of most may be shown, such as a socket in /run or a device. */
const REPLACED = ['/', '/proc', '/dev', '/tmp', '/builds', '/run']
const CLOSED = ['/proc', '/builds']

/** Where keys and credentials are kept, below the home folder. */
const SECRETS = [
  '.ssh',
  '.aws',
  '.config/gcloud',
  '.config/gh',
  '.config/glab-cli',
  '.azure',
  '.kube',
  '.docker',
  '.gnupg',
  '.netrc',
  '.git-credentials',
  '.npmrc',
  '.pypirc',
  '.password-store',
]

/** The secret place that a path is, lies in, or has below it. */
function secretBelow(path: string): string | undefined {
  const real = realPath(path)
  const home = realPath(homedir())
  const secret = SECRETS.find((name) =>
    [real, path].some((shown) =>
      [join(home, name), join(homedir(), name)].some((each) => touches(shown, each)),
    ),
  )
  return secret === undefined ? undefined : `~/${secret}`
}

function touches(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // it need not be there yet
  }
}

function readLimits(report: Report, place: Place, outer: SandboxLimits): SandboxLimits | undefined {
  const fields = readFields(report, place, LIMIT_KEYS)
  if (!fields) return undefined
  return {
    memory: optional(report, fields.memory, outer.memory, (_, memory) => readMemory(report, memory)),
    pids: optional(report, fields.pids, outer.pids, (_, pids) => readWholeNumber(report, pids, LEAST_PIDS)),
    cpu: optional(report, fields.cpu, outer.cpu, (_, cpu) => readProcessors(report, cpu)),
  }
}

/** The sandbox itself and the job's shell need some. */
const LEAST_PIDS = 8
const LEAST_MEMORY = 16 * 1024 ** 2

function readMemory(report: Report, place: Place): number | undefined {
  const bytes = place.node.kind === 'scalar' ? parseByteSize(place.node.text) : undefined
  if (bytes !== undefined && bytes >= LEAST_MEMORY) return bytes
  return wrongType(report, place, 'a size such as 2 GiB, at least 16 MiB')
}

function readProcessors(report: Report, place: Place): number | undefined {
  const value = place.node.kind === 'scalar' ? place.node.value : undefined
  if (typeof value === 'number' && value >= 0.01) return value
  return wrongType(report, place, 'a number of processors such as 2 or 0.5')
}
