import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { startGroup } from '../../platform/process.ts'
import { err, ok, type Result } from '../../shared/result.ts'

// `network: nat`: the job has a network of its own, from which slirp4netns carries connections outwards.

/** Where slirp4netns answers for names. */
const NAME_SERVER = '10.0.2.3'

export interface Translator {
  /** All connections of the job to the outside are this process's. */
  readonly pid: number
  /** Ends it; it also ends with this process. */
  close(): void
}

/** Why `nat` cannot be had here; null when it can. `folders`: where programs are looked for. */
export function natProblem(folders: readonly string[] = programFolders()): string | null {
  if (findProgram(folders) === undefined)
    return 'sandbox.network: nat needs slirp4netns. Install it with: apt-get install slirp4netns'
  return existsSync('/dev/net/tun')
    ? null
    : 'sandbox.network: nat needs /dev/net/tun, which this machine does not have. Load it with: modprobe tun'
}

/**
 * A program in a network of its own, which waits before it starts: one line comes on a descriptor, and it goes on when our end is closed. Not
 * bubblewrap's own network, as bubblewrap goes on into a second user namespace, from which its network cannot be reached.
 */
export function inOwnNetwork(
  program: { readonly file: string; readonly args: readonly string[] },
  descriptor: number,
): { readonly file: string; readonly args: readonly string[] } {
  const wait = `echo >&${descriptor}; read -r _ <&${descriptor}; exec ${descriptor}>&-; exec "$@"`
  const own = ['--user', '--map-root-user', '--net', '--']
  return { file: 'unshare', args: [...own, '/bin/sh', '-c', wait, 'sh', program.file, ...program.args] }
}

/** Connects the network that a process is in; resolves when connections can be made. */
export async function startTranslator(child: number): Promise<Result<Translator, string>> {
  const program = findProgram(programFolders())
  if (program === undefined) return err(natProblem() ?? 'slirp4netns is gone')
  const started = await startGroup({
    file: program,
    args: [
      '--configure',
      '--mtu=65520',
      // Otherwise this machine's own 127.0.0.1 can be reached as 10.0.2.2.
      '--disable-host-loopback',
      `--userns-path=/proc/${child}/ns/user`,
      `--ready-fd=${READY}`,
      `--exit-fd=${EXIT}`,
      String(child),
      'tap0',
    ],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  if (!started.ok) return err(`slirp4netns: ${started.error}`)
  const leader = started.value
  const end = leader.pipe(EXIT)
  const words: string[] = []
  leader
    .pipe(2)
    .setEncoding('utf8')
    .on('data', (piece: string) => void words.push(piece))
  const ready = new Promise<boolean>((resolve) => {
    leader.pipe(READY).once('data', () => resolve(true))
    void leader.ended.then(() => resolve(false))
  })
  end.on('error', () => {}) // it ended before us
  if (await ready) return ok({ pid: leader.pid, close: () => void end.destroy() })
  return err(`slirp4netns could not connect the job: ${words.join('').trim().replaceAll('\n', '; ')}`)
}

const READY = 3
const EXIT = 4

/** What /etc/resolv.conf says inside, and where that file really lies. */
export function resolverFile(): { readonly path: string; readonly text: string } {
  return { path: realPathOf('/etc/resolv.conf'), text: `nameserver ${NAME_SERVER}\n` }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function findProgram(folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, 'slirp4netns')).find((file) => existsSync(file))
}

function programFolders(): string[] {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  return [...own, '/usr/sbin', '/usr/bin', '/sbin', '/bin']
}
