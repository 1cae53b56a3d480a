import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bubblewrapExecutor } from '../../../src/runner/executors/bubblewrap.ts'
import { viewHost } from '../../../src/runner/executors/sandbox-mounts.ts'
import { manualClock } from '../support/manual-clock.ts'
import { harness, printed, type Harness } from '../support/harness.ts'
import { bubblewrap } from '../support/executors.ts'
import { variable } from '../support/payload.ts'

let lab: Harness
let state: string
beforeAll(() => {
  state = mkdtempSync(join(tmpdir(), 'sluice-state-'))
  writeFileSync(join(state, 'sluice.db'), 'database')
  lab = harness(bubblewrap(), { hide: () => [state, '/usr/share/doc', join(state, 'does-not-exist')] })
})
afterAll(async () => {
  await lab.close()
  rmSync(state, { recursive: true, force: true })
})

const output = async (script: readonly string[], more: object = {}) => {
  const ended = await lab.run({ script, ...more })
  return printed(ended.output)
}

describe('what a job cannot read', () => {
  it('the state folder and other hidden places', async () => {
    expect(await output([`cat ${state}/sluice.db || echo refused`])).toMatch(
      /No such file or directory\nrefused\n$/,
    )
    expect(await output(['ls -A /usr/share/doc | wc -l'])).toBe('0\n')
  })

  it('keys in the home folder, nor anything else of it but tool chains', async () => {
    const marker = join(homedir(), `.sluice-test-${process.pid}`)
    writeFileSync(marker, 'x')
    const names = await output(['ls -A ~'])
    rmSync(marker)
    expect(
      names
        .split('\n')
        .filter(
          (name) =>
            !/^(\.nvm|\.pyenv|\.rbenv|\.sdkman|\.cargo|\.rustup|\.local|\.asdf|\.volta|\.bun|\.deno|\.goenv|)$/.test(
              name,
            ),
        ),
    ).toEqual([])
    expect(await output(['cat ~/.ssh/* ~/.gitconfig ~/.npmrc 2>/dev/null | wc -c'])).toBe('0\n')
  })

  it('workspaces of other jobs', async () => {
    const other = lab.start({ script: ['echo private > file', 'echo ready', 'sleep 1000'] })
    await lab.coordinator.prints(other, 'ready\n')
    expect(
      await output([`ls -A ${lab.folder} 2>/dev/null | head -1 || true; ls /builds; ls /builds/group`]),
    ).toBe('group\napp\napp.git\napp.tmp\n')
    lab.coordinator.cancel(other)
    await lab.ended(other)
  })

  it("root's own files, when the daemon is root", async () => {
    expect(await output(['cat /etc/shadow /etc/gshadow 2>/dev/null | wc -c'])).toBe('0\n')
  })

  it("the daemon's environment: of no process", async () => {
    process.env['SLUICE_TEST_SECRET'] = 'of the daemon'
    const seen = await output(
      ['cat /proc/[0-9]*/environ | tr "\\0" "\\n" | sort -u; cat /proc/1/cmdline | tr "\\0" " "'],
      { variables: [variable('OWN', 'value of the job')] },
    )
    delete process.env['SLUICE_TEST_SECRET']
    expect(seen).not.toContain('of the daemon')
    expect(seen).toMatch(/bwrap --args 3 -- \S+bash/)
    expect(seen.split('\n').filter((line) => line.startsWith('PATH=')).length).toBeGreaterThan(0)
  })

  it('command lines of this machine: the script is on none', async () => {
    const job = lab.start({
      script: ['echo ready; sleep 1000 # needle-in-the-script'],
      variables: [variable('SECRET', 'needle-in-a-value')],
    })
    await lab.coordinator.prints(job, 'ready\n')
    const lines = readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .map((pid) => (existsSync(`/proc/${pid}/cmdline`) ? tryRead(`/proc/${pid}/cmdline`) : ''))
    expect(lines.filter((line) => /needle-in/.test(line))).toEqual([])
    lab.coordinator.cancel(job)
    await lab.ended(job)
  })
})

describe('what a job cannot do', () => {
  it.each([
    '/x',
    '/usr/x',
    '/etc/x',
    '/builds/x',
    '/builds/group/x',
    '/builds/group/app.git/x',
    '/builds/group/app.git/objects/x',
    '/sys/x',
    '/proc/sys/kernel/hostname',
    '/proc/sys/kernel/core_pattern',
    '/proc/sys/vm/drop_caches',
    '/proc/sysrq-trigger',
    '/proc/mtrr',
    '/sys/fs/cgroup/x',
  ])('write to %s', async (path) => {
    expect(await output([`(echo x > ${path}) 2>&1 || echo refused`])).toMatch(
      /(Read-only file system|Permission denied|No such file or directory)\nrefused\n$/,
    )
  })

  it('write beside the workspace through links', async () => {
    const target = join(state, 'target')
    await output(
      [
        `ln -s ${target} link; (echo x > link) 2>/dev/null || true; mkdir -p d; ln -s ${state} d/s; (echo x > d/s/target) 2>/dev/null || true`,
      ],
      {},
    )
    expect(existsSync(target)).toBe(false)
  })

  it('see or signal processes of this machine', async () => {
    expect(await output([`kill -0 ${process.pid} 2>&1 || echo refused`])).toMatch(
      /No such process\nrefused\n$/,
    )
    expect(Number(await output(['ls -d /proc/[0-9]* | wc -l']))).toBeLessThan(8)
  })

  it('open a terminal', async () =>
    expect(await output(['(: < /dev/tty) 2>&1 || echo refused'])).toMatch(
      /No such device or address\nrefused\n$/,
    ))

  it('undo the walls from a namespace of its own', async () => {
    const tries = ['umount /run', 'mount -o remount,rw /usr', 'mount --bind / /tmp', `umount /usr/share/doc`]
    const script = tries.map(
      (deed) => `unshare -Urm ${deed} > /dev/null 2>&1 && echo "done: ${deed}" || true`,
    )
    const seen = await output([
      ...script,
      'ls -A /usr/share/doc | wc -l',
      '(echo x > /usr/x) 2>/dev/null || echo still',
    ])
    expect(seen).toMatch(/0\nstill\n$/)
    expect(seen).not.toContain('done: umount')
  })

  it('write a setting of the kernel, from no namespace of its own', async () => {
    const script = [
      '(find /proc -maxdepth 1 -writable -not -path "/proc/[0-9]*"; find /proc/sys -type f -writable) 2>/dev/null || true',
      'unshare -Urmpf --mount-proc sh -c "find /proc/sys -type f -writable" 2>/dev/null || true',
      'unshare -Urm sh -c "umount /proc/sys; find /proc/sys -type f -writable" 2>/dev/null || true',
    ]
    expect(await output(script)).toBe('')
  })

  it('become root: sudo and the like have no effect', async () =>
    expect(await output(['grep -E "NoNewPrivs|CapEff" /proc/self/status'])).toBe(
      'CapEff:\t0000000000000000\nNoNewPrivs:\t1\n',
    ))

  it('reach a socket in /run', async () => {
    const path = join('/run', `sluice-test-${process.pid}.sock`)
    const server = createServer()
    const listening = await new Promise<boolean>((resolve) =>
      server.once('error', () => resolve(false)).listen(path, () => resolve(true)),
    )
    expect(await output([`[ -e ${path} ] && echo there || echo hidden`])).toBe('hidden\n')
    if (listening) server.close()
  })
})

describe('variables that steer programs', () => {
  it('LD_PRELOAD of the job is not loaded by bubblewrap', async () => {
    const library = join(lab.folder, 'x.so')
    const witness = join(lab.folder, 'witness')
    execFileSync('gcc', ['-shared', '-fPIC', '-x', 'c', '-o', library, '-'], {
      input: `#include <stdio.h>\n__attribute__((constructor)) static void f(void) { FILE *w = fopen("${witness}", "a"); if (w) fclose(w); }\n`,
    })
    const { end } = await lab.run({ script: ['true'], variables: [variable('LD_PRELOAD', library)] })
    expect(end).toEqual({ state: 'success' })
    expect(existsSync(witness)).toBe(false)
  })

  it('BASH_ENV of the job is read by its own shells only, inside', async () => {
    const witness = join(lab.folder, 'bash-env-witness')
    const variables = [variable('BASH_ENV', '/builds/group/app/env.sh')]
    expect(
      await output([`echo 'echo sourced; touch ${witness}' > env.sh`, 'bash -c "echo child" 2> /dev/null'], {
        variables,
      }),
    ).toBe('sourced\nchild\n')
    expect(existsSync(witness)).toBe(false)
  })
})

describe('each job has its own', () => {
  it('temporary folder, home and hostname, empty at its start', async () => {
    const script = [
      'ls -A /tmp /var/tmp /run | grep -v -e : -e systemd || true',
      'echo x > /tmp/x; echo x > ~/x; echo x > /var/tmp/x',
      'hostname 2>/dev/null || cat /proc/sys/kernel/hostname',
    ]
    for (let round = 0; round < 3; round++) {
      expect((await output(script)).trim()).toBe('sluice-job')
      await lab.runner.idle()
    }
  })

  it('process tree: a daemon that it leaves behind is gone', async () => {
    await output(['setsid env -i sleep 987654 > /dev/null 2>&1 < /dev/null &', 'disown -a'])
    const left = readdirSync('/proc').filter(
      (pid) =>
        /^\d+$/.test(pid) &&
        tryRead(`/proc/${pid}/cmdline`).includes('987654') &&
        !/\) [ZX]/.test(tryRead(`/proc/${pid}/stat`)),
    )
    expect(left).toEqual([])
  })
})

it('git works in the workspace, with the objects of the mirror, which it cannot change', async () => {
  const script = [
    'git log --oneline | wc -l',
    'git fetch --quiet origin && git rev-parse origin/main',
    'git fsck 2>&1 | grep -c missing || true',
    'echo x > new; git add new; git -c user.name=a -c user.email=b commit --quiet -m x && git push --quiet origin HEAD:refs/heads/evil 2>/dev/null || echo refused',
  ]
  const seen = await output(script)
  expect(seen).toBe(`1\n${lab.repository.sha}\n0\nrefused\n`)
})

it('a sandbox that cannot be built is a failure of the runner', async () => {
  const view = viewHost({ root: process.getuid?.() === 0, home: homedir() })
  const system = [...view.system, '--ro-bind', '/nonexistent/source', '/x']
  const own = harness(bubblewrapExecutor({ shell: bubblewrap().shell, view: { ...view, system } }))
  const { end, log } = await own.run({})
  expect(end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
  expect(log).toContain("bwrap: Can't find source path /nonexistent/source: No such file or directory\n")
  expect(log).toContain("ERROR: Job failed (system failure): bubblewrap ended without the job's exit code")
  await own.close()
})

it('a sandbox that is killed from outside is a failure of the runner', async () => {
  const job = lab.start({ script: ['echo ready', 'sleep 1000'] })
  const { pid } = await lab.coordinator.started(job)
  await lab.coordinator.prints(job, 'ready\n')
  process.kill(pid, 'SIGKILL')
  const { end, log } = await lab.ended(job)
  expect(end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
  expect(log).toContain(
    "ERROR: Job failed (system failure): bubblewrap ended without the job's exit code (signal SIGKILL)",
  )
})

it('one that ends before it has built the sandbox, and leaves a child behind, hangs nothing', async () => {
  const program = join(lab.folder, 'bwrap')
  writeFileSync(program, '#!/bin/sh\nsetsid env -i sleep 1000 &\necho "bwrap: no" >&2\nexit 1\n', {
    mode: 0o755,
  })
  const clock = manualClock()
  const own = harness(bubblewrapExecutor({ shell: bubblewrap().shell, program }), { clock })
  const job = own.start({})
  await clock.awaited(2_000)
  clock.runOut(2_000)
  const { end, log } = await own.ended(job)
  expect(end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
  expect(log).toContain('bwrap: no\n')
  await own.close()
})

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
