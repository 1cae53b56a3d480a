import { describe, expect, it } from 'vitest'
import { OPEN_SANDBOX, type SandboxPolicy } from '../../../src/model/isolation.ts'
import { sandboxHint } from '../../../src/runner/executors/sandbox-hint.ts'

const limits = { memory: 2 ** 30, pids: 50, cpu: null }

describe('the setting that would allow it', () => {
  it.each<[string, Partial<SandboxPolicy>, string | null]>([
    [
      'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
      {},
      '"executor: shell"',
    ],
    ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock.', {}, '/run/docker.sock'],
    ['curl: (6) Could not resolve host: example.com', { network: 'none' }, '"network: nat"'],
    ['curl: (6) Could not resolve host: example.com', {}, null],
    ['connect ECONNREFUSED 127.0.0.1:5432', { network: 'nat' }, '"network: host"'],
    ['connect ECONNREFUSED 127.0.0.1:5432', {}, null],
    ['bash: fork: retry: Resource temporarily unavailable', { limits }, 'sandbox.limits.pids'],
    ['bash: fork: retry: Resource temporarily unavailable', {}, null],
    ['MemoryError', { limits }, 'sandbox.limits.memory'],
    ["touch: cannot touch '/opt/x': Read-only file system", {}, 'mode: rw'],
    ["EROFS: read-only file system, mkdir '/opt/x'", {}, 'mode: rw'],
    ['cat: /home/me/.ssh/id_ed25519: No such file or directory', {}, 'allow_secrets: true'],
    ['error: assertion failed', { network: 'none', limits }, null],
  ])('%s', (output, policy, hint) =>
    expect(sandboxHint({ ...OPEN_SANDBOX, ...policy }, output, null) ?? 'nothing').toContain(
      hint ?? 'nothing',
    ),
  )

  it('without a sandbox there is none to blame', () =>
    expect(sandboxHint(undefined, 'Read-only file system', null)).toBe(null))
})
