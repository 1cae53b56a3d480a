import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OPEN_SANDBOX, type SandboxPolicy } from '../../../src/model/isolation.ts'
import { findControlGroups } from '../../../src/platform/control-groups.ts'
import { bubblewrapExecutor } from '../../../src/runner/executors/bubblewrap.ts'
import { natProblem } from '../../../src/runner/executors/sandbox-network.ts'
import { shellExecutor } from '../../../src/runner/executors/shell.ts'
import { harness, printed } from '../support/harness.ts'
import { bubblewrap, shell } from '../support/executors.ts'

const bash = shell().shell
const limited = (limits: Partial<SandboxPolicy['limits']>) => ({ ...OPEN_SANDBOX.limits, ...limits })
const sandboxed = (policy: Partial<SandboxPolicy>) =>
  bubblewrapExecutor({ shell: bash, policy: { ...OPEN_SANDBOX, ...policy } })

async function run(policy: Partial<SandboxPolicy>, script: readonly string[], hide: readonly string[] = []) {
  const lab = harness(sandboxed(policy), { hide: () => hide })
  const ended = await lab.run({ script })
  await lab.close()
  return { ...ended, shown: printed(ended.output) }
}

describe('network', () => {
  let server: Server
  let port = 0
  beforeAll(async () => {
    server = createServer((socket) => socket.end('hello\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  })
  afterAll(() => void server.close())

  const call = (host: string) => `exec 3<>/dev/tcp/${host}/${port} && cat <&3`

  it('host: the services of this machine', async () => {
    expect((await run({}, [call('127.0.0.1')])).shown).toBe('hello\n')
  })

  it('none: its own loopback and nothing else; the log says what would allow more', async () => {
    const { log, shown, end } = await run({ network: 'none' }, [
      'cat /proc/net/dev | grep -c :',
      call('127.0.0.1'),
    ])
    expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 1 })
    expect(shown).toMatch(/^1\n.*Connection refused/)
    expect(log).toContain('network none;')
    expect(log).toContain(
      'WARNING: with "sandbox: {network: none}" a job cannot reach services of this machine; "network: host" would allow it',
    )
  })

  it.skipIf(natProblem() !== null)('nat: a network outwards, without a way to this machine', async () => {
    const script = [
      "tail -n +3 /proc/net/dev | sed 's/:.*//; s/ //g' | sort | tr '\\n' ' '",
      'cat /etc/resolv.conf',
      `(${call('127.0.0.1')}) 2>/dev/null || echo closed`,
      `(${call('10.0.2.2')}) 2>/dev/null || echo closed`,
    ]
    const { shown, end } = await run({ network: 'nat' }, script)
    expect(end).toEqual({ state: 'success' })
    expect(shown).toBe('lo tap0 nameserver 10.0.2.3\nclosed\nclosed\n')
  })

  it('nat without its program names the package', () => {
    expect(natProblem(['/nonexistent'])).toBe(
      'sandbox.network: nat needs slirp4netns. Install it with: apt-get install slirp4netns',
    )
  })
})

describe('bind', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-bind-'))
    mkdirSync(join(folder, 'state'))
    writeFileSync(join(folder, 'state/key'), 'secret')
    writeFileSync(join(folder, 'file'), 'content\n')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('shows a folder read-only', async () => {
    const { shown, log } = await run({ binds: [{ path: folder, writable: false }] }, [
      `cat ${folder}/file`,
      `echo x > ${folder}/new`,
    ])
    expect(shown).toMatch(/^content\n.*Read-only file system/)
    expect(log).toContain('sandbox: {bind: [{path: FOLDER, mode: rw}]}')
  })

  it('lets it be written to', async () => {
    await run({ binds: [{ path: folder, writable: true }] }, [`echo x > ${folder}/new`])
    expect(readFileSync(join(folder, 'new'), 'utf8')).toBe('x\n')
  })

  it('what no job may see stays hidden below it, unless secrets are allowed', async () => {
    const hide = [join(folder, 'state')]
    const binds = [{ path: folder, writable: true }]
    const script = [`cat ${folder}/state/key || echo hidden`]
    expect((await run({ binds }, script, hide)).shown).toMatch(/No such file or directory\nhidden\n$/)
    expect((await run({ binds, allowSecrets: true }, script, hide)).shown).toBe('secret')
  })

  it.each([
    ['a path that does not exist', 'nowhere', 'does not exist'],
    ['a path in a hidden place', 'state/key', '"allow_secrets: true" would show it'],
  ])('%s fails the job', async (_, name, why) => {
    const { end, log } = await run(
      { binds: [{ path: join(folder, name), writable: false }] },
      ['true'],
      [join(folder, 'state')],
    )
    expect(end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
    expect(log).toContain(`ERROR: Job failed (system failure): sandbox.bind: ${join(folder, name)}`)
    expect(log).toContain(why)
  })

  it('a socket', async () => {
    const path = join(folder, 'docker.sock')
    const server = createServer((socket) => socket.end('hello\n')).listen(path)
    await new Promise((resolve) => server.once('listening', resolve))
    const { shown, log } = await run({ binds: [{ path, writable: true }] }, [
      `python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("${path}"); print(s.recv(9).decode(), end="")'`,
    ])
    server.close()
    expect(shown).toBe('hello\n')
    expect(log).toContain(
      `WARNING: sandbox.bind shows ${path}: through it a job can become root on this machine`,
    )
  })
})

const groups = findControlGroups()

describe.each([
  ['bubblewrap', (limits: SandboxPolicy['limits']) => sandboxed({ limits })],
  ['shell', (limits: SandboxPolicy['limits']) => shellExecutor(bash, limits)],
])('limits with %s', (_, make) => {
  it.skipIf(!groups.controllers.has('pids'))('a fork bomb ends itself', async () => {
    const lab = harness(make(limited({ pids: 40 })))
    const { end, log } = await lab.run({
      script: [
        `python3 -c 'import os, time
for _ in range(200):
    if os.fork() == 0: time.sleep(1000)'`,
      ],
    })
    expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 1 })
    expect(log).toContain('limits: pids 40 (control group))')
    const next = await lab.run({ script: ['echo fine'] })
    expect(next.end).toEqual({ state: 'success' })
    await lab.close()
  })

  it.skipIf(!groups.controllers.has('memory'))('one that eats memory is ended, and told why', async () => {
    const lab = harness(make(limited({ memory: 64 * 1024 ** 2 })))
    const { end, log } = await lab.run({ script: ['python3 -c "x = bytearray(500 * 1024 * 1024)"'] })
    expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 137 })
    expect(log).toContain('limits: memory 64 MiB (control group))')
    expect(log).toContain(
      'WARNING: the job was ended at its limit; a higher "sandbox.limits.memory" would allow more',
    )
    await lab.close()
  })

  it.skipIf(!groups.controllers.has('pids'))('what left everything else is still in its group', async () => {
    const lab = harness(make(limited({ pids: 40 })))
    await lab.run({
      script: ['cd /; setsid env -i sleep 987652 > /dev/null 2>&1 < /dev/null &', 'disown -a'],
    })
    expect(execFileSync('sh', ['-c', 'pgrep -f "^sleep 987652" || true'], { encoding: 'utf8' })).toBe('')
    const left = `find /sys/fs/cgroup -name "sluice-${process.pid}.*" -type d 2>/dev/null || true`
    expect(execFileSync('sh', ['-c', left], { encoding: 'utf8' })).toBe('')
    await lab.close()
  })
})

it.skipIf(process.arch !== 'x64' && process.arch !== 'arm64')(
  'no job types into a terminal or asks for keys',
  async () => {
    const lab = harness(bubblewrap())
    const script = [
      `python3 -c '
import ctypes, os, pty, fcntl
master, slave = pty.openpty()
try:
    fcntl.ioctl(slave, 0x5412, b"x")
    print("typed")
except OSError as error:
    print("ioctl", error.errno)
libc = ctypes.CDLL(None, use_errno=True)
number = 250 if os.uname().machine == "x86_64" else 219
print("keyctl", libc.syscall(number, 0, -3, 0), ctypes.get_errno())
'`,
      'grep Seccomp: /proc/self/status',
    ]
    const { output } = await lab.run({ script })
    expect(printed(output)).toBe('ioctl 1\nkeyctl -1 1\nSeccomp:\t2\n')
    await lab.close()
  },
)
