import { describe, expect, it } from 'vitest'
import type { SandboxLimits } from '../../../src/model/isolation.ts'
import type { ControlGroups, Controller } from '../../../src/platform/control-groups.ts'
import { findLimits, type LimitSources } from '../../../src/runner/executors/limits.ts'
import { shell } from '../support/executors.ts'

const ALL: SandboxLimits = { memory: 2 * 1024 ** 3, pids: 200, cpu: 1.5 }

function groups(controllers: readonly Controller[]): ControlGroups {
  return {
    controllers: new Set(controllers),
    make: () => ({
      doors: ['/groups/one/cgroup.procs', '/groups/two/cgroup.procs'],
      kill: () => {},
      outOfMemory: () => 1,
      close: async () => {},
    }),
    sweep: async () => {},
  }
}

const sources = (more: Partial<LimitSources>): LimitSources => ({
  groups: groups([]),
  systemdWorks: () => false,
  root: false,
  ...more,
})

const job = { shell: shell().shell, apart: true }

describe('what holds is what is said', () => {
  it('nothing asked', () => {
    const limits = findLimits({ memory: null, pids: null, cpu: null }, job, sources({}))
    expect(limits).toMatchObject({ text: 'none', notices: [], prologue: '' })
    expect(limits.hold().command('bwrap', ['a'])).toEqual({ file: 'bwrap', args: ['a'] })
  })

  it('control groups: the program is inside before it starts', async () => {
    const limits = findLimits(ALL, job, sources({ groups: groups(['memory', 'pids', 'cpu']) }))
    expect(limits).toMatchObject({
      text: 'memory 2 GiB (control group), pids 200 (control group), cpu 1.5 (control group)',
      notices: [],
      prologue: '',
    })
    const hold = limits.hold()
    const { file, args } = hold.command('bwrap', ['--args', '3'])
    expect(file).toBe('/bin/sh')
    expect(args.slice(2)).toEqual([
      'sh',
      '2',
      '/groups/one/cgroup.procs',
      '/groups/two/cgroup.procs',
      'bwrap',
      '--args',
      '3',
    ])
    expect(await hold.close()).toBe('sandbox.limits.memory')
  })

  it.each([
    [false, ['--user']],
    [true, []],
  ])('a systemd scope, root: %s', (root, user) => {
    const limits = findLimits(ALL, job, sources({ systemdWorks: () => true, root }))
    expect(limits.text).toBe('memory 2 GiB (systemd), pids 200 (systemd), cpu 1.5 (systemd)')
    expect(limits.hold().command('bwrap', ['--args', '3'])).toEqual({
      file: 'systemd-run',
      args: [
        ...user,
        '--scope',
        '--quiet',
        '--collect',
        '-p',
        'MemoryMax=2147483648',
        '-p',
        'MemorySwapMax=0',
        '-p',
        'TasksMax=200',
        '-p',
        'CPUQuota=150%',
        '--',
        'bwrap',
        '--args',
        '3',
      ],
    })
  })

  it('resource limits of the shell, and what they do not do is said', () => {
    const limits = findLimits(ALL, job, sources({}))
    expect(limits.text).toBe(
      'memory 2 GiB (resource limit of each process), pids 200 (resource limit), cpu not held',
    )
    expect(limits.prologue).toBe('ulimit -v 2097152\nulimit -u 200\n')
    expect(limits.notices.map((notice) => notice.split(':')[0])).toEqual([
      'sandbox.limits.memory holds for each process, not for all of the job together',
      'sandbox.limits.cpu does not hold on this machine',
    ])
  })

  it.each([
    ['root, whose processes the kernel does not count', { root: true }, true],
    ['plain processes, where it would count all of the user', {}, false],
  ])('no resource limit of processes for %s', (_, more, apart) =>
    expect(findLimits(ALL, { ...job, apart }, sources(more))).toMatchObject({
      text: 'memory 2 GiB (resource limit of each process), pids not held, cpu not held',
      prologue: 'ulimit -v 2097152\n',
    }),
  )

  it('one by one', () =>
    expect(findLimits(ALL, job, sources({ groups: groups(['pids']), systemdWorks: () => true })).text).toBe(
      'memory 2 GiB (systemd), pids 200 (control group), cpu 1.5 (systemd)',
    ))
})
