import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What of this machine every sandbox shows. Found once, as reading it costs a millisecond. */
export interface HostView {
  /** bubblewrap arguments that make the read-only system. */
  readonly system: readonly string[]
  /** Shown below the home folder although that is replaced: tool chains, never credentials. */
  readonly toolchains: readonly string[]
  /** Every folder that can be reached through `system`; what lies elsewhere need not be covered. */
  readonly shown: readonly string[]
  readonly user: 'root' | 'ordinary'
}

const TOOLCHAINS = [
  '.nvm',
  '.pyenv',
  '.rbenv',
  '.sdkman',
  '.cargo/bin',
  '.rustup',
  '.local/bin',
  '.asdf',
  '.volta',
  '.bun',
  '.deno',
  '.goenv',
]

/** Replaced by mounts of our own, whatever the machine has there. */
const REPLACED = new Set(['proc', 'dev', 'tmp', 'run', 'builds'])

/** What a job may see when the daemon is root: an ordinary user's daemon shows all that this user may read. */
const ROOT_MAY_SHOW = new Set([
  'usr',
  'etc',
  'opt',
  'nix',
  'snap',
  'sys',
  'bin',
  'sbin',
  'lib',
  'lib32',
  'lib64',
  'libx32',
  'gnu',
])

export function viewHost(options: { readonly root: boolean; readonly home: string }): HostView {
  const entries = readdirSync('/').filter(
    (name) => !REPLACED.has(name) && (!options.root || ROOT_MAY_SHOW.has(name)),
  )
  const system: string[] = []
  const shown: string[] = []
  for (const name of entries.toSorted()) {
    const path = `/${name}`
    const entry = lstatSync(path)
    if (entry.isSymbolicLink()) system.push('--symlink', readlinkSync(path), path)
    else {
      system.push('--ro-bind-try', path, path)
      shown.push(path)
    }
  }
  // dpkg-query and the like; nothing else below /var is the job's business when root's eyes are used to look.
  if (options.root) system.push('--ro-bind-try', '/var/lib/dpkg', '/var/lib/dpkg')
  system.push('--dev', '/dev', '--proc', '/proc', '--tmpfs', '/run', ...resolverMounts())
  if (options.root)
    system.push(
      ...lockKernelSettings(),
      ...coverUnreadable('/etc', 8),
      ...(existsSync('/opt') ? coverUnreadable('/opt', 1) : []),
    )
  const toolchains = TOOLCHAINS.map((name) => join(options.home, name)).filter((path) => existsSync(path))
  return { system, toolchains, shown, user: options.root ? 'root' : 'ordinary' }
}

/** /etc/resolv.conf is often a link into /run, which is covered. */
function resolverMounts(): string[] {
  const folders = new Set(['/run/systemd/resolve'])
  try {
    const file = realpathSync('/etc/resolv.conf')
    if (file.startsWith('/run/')) folders.add(dirname(file))
  } catch {
    // no resolver is configured
  }
  return [...folders].flatMap((folder) => ['--ro-bind-try', folder, folder])
}

/**
 * The kernel still knows a root daemon's job as root, and asks for no capability when the owner writes to /proc/sys: a job could
 * name itself in core_pattern and be run outside of every wall. bubblewrap covers only what its own caller may not write.
 */
function lockKernelSettings(): string[] {
  return readdirSync('/proc')
    .filter((name) => KERNEL_SETTINGS.has(name))
    .flatMap((name) => ['--ro-bind', `/proc/${name}`, `/proc/${name}`])
}

const KERNEL_SETTINGS = new Set([
  'sys',
  'sysrq-trigger',
  'mtrr',
  'scsi',
  'acpi',
  'driver',
  'asound',
  'latency_stats',
  'sched_debug',
])

/**
 * The kernel still knows a root daemon's job as root, so what only root may read (/etc/shadow, host keys, Wi-Fi passwords)
 * would be open to it: cover what others may not read, `depth` folders deep.
 */
export function coverUnreadable(folder: string, depth: number): string[] {
  const covers: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() && !entry.isFile()) continue
    const path = join(folder, entry.name)
    const { mode, size } = statSync(path)
    // An empty file has nothing to hide, and every mount costs each job a tenth of a millisecond.
    if (entry.isFile() && (mode & 0o004) === 0 && size > 0) covers.push('--ro-bind', '/dev/null', path)
    else if (entry.isDirectory() && (mode & 0o005) !== 0o005) covers.push('--tmpfs', path)
    else if (entry.isDirectory() && depth > 1) covers.push(...coverUnreadable(path, depth - 1))
  }
  return covers
}

/** Arguments that put nothing in the place of a file or folder. Paths that the sandbox does not show anyway are left out. */
export function coverPaths(
  paths: readonly string[],
  view: HostView,
  { replaced, bound }: { readonly replaced: readonly string[]; readonly bound: readonly string[] },
): string[] {
  const covers: string[] = []
  for (const path of withoutNested(paths.flatMap(realPath))) {
    const exposed = [...view.toolchains, ...bound.flatMap(realPath)].some((folder) => isInside(path, folder))
    const visible =
      exposed ||
      (view.shown.some((folder) => isInside(path, folder)) &&
        !replaced.some((folder) => isInside(path, folder)))
    if (visible)
      covers.push(...(statSync(path).isDirectory() ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path]))
  }
  return covers
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** A folder inside a covered one cannot be covered again: it is not there any more. */
function withoutNested(paths: readonly string[]): string[] {
  return [...new Set(paths)].filter((path) => !paths.some((other) => other !== path && isInside(path, other)))
}

function realPath(path: string): string[] {
  try {
    return [realpathSync(path)]
  } catch {
    return [] // what is not there cannot be seen
  }
}
