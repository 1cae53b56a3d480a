import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findControlGroups } from '../../src/platform/control-groups.ts'

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'sluice-groups-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** Plain files in the place of the kernel's. */
function lay(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

const UNIFIED = '30 20 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n'

describe('what groups can hold here', () => {
  it('nothing where there is nothing', () => expect(findControlGroups(root).controllers).toEqual(new Set()))

  it('version 2: what is handed on to groups below', () => {
    lay({
      'proc/self/cgroup': '0::/user.slice/unit.service\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/user.slice/unit.service/cgroup.procs': '',
      'sys/fs/cgroup/user.slice/unit.service/cgroup.controllers': 'cpu memory pids\n',
      'sys/fs/cgroup/user.slice/unit.service/cgroup.subtree_control': 'memory pids\n',
    })
    expect([...findControlGroups(root).controllers]).toEqual(expect.arrayContaining(['memory', 'pids']))
  })

  it('version 2 in a part of the tree that is mounted alone', () => {
    lay({
      'proc/self/cgroup': '0::/docker/abc/inner\n',
      'proc/self/mountinfo': UNIFIED.replace(' / /sys', ' /docker/abc /sys'),
      'sys/fs/cgroup/inner/cgroup.procs': '',
      'sys/fs/cgroup/inner/cgroup.subtree_control': 'pids\n',
      'sys/fs/cgroup/inner/cgroup.controllers': '\n',
    })
    expect(findControlGroups(root).controllers).toEqual(new Set(['pids']))
  })

  it('version 1: a tree for each', () => {
    lay({
      'proc/self/cgroup': '9:name=systemd:/\n8:pids:/a\n2:cpu,cpuacct:/b\n4:memory:/gone\n0::/\n',
      'proc/self/mountinfo': [
        '31 20 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
        '32 20 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
        '33 20 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      ].join('\n'),
      'sys/fs/cgroup/pids/a/cgroup.procs': '',
      'sys/fs/cgroup/cpu,cpuacct/b/cgroup.procs': '',
    })
    expect(findControlGroups(root).controllers).toEqual(new Set(['pids', 'cpu']))
  })

  it('processes of somebody else are not moved out of the way', () => {
    lay({
      'proc/self/cgroup': '0::/session\n',
      'proc/self/mountinfo': UNIFIED,
      'sys/fs/cgroup/session/cgroup.procs': '1\n',
      'sys/fs/cgroup/session/cgroup.controllers': 'memory\n',
    })
    expect(findControlGroups(root).controllers).toEqual(new Set())
    expect(readdirSync(join(root, 'sys/fs/cgroup/session')).toSorted()).toEqual([
      'cgroup.controllers',
      'cgroup.procs',
    ])
  })
})

it('groups of processes that have died are removed, others stay', async () => {
  lay({
    'proc/self/cgroup': '0::/\n',
    'proc/self/mountinfo': UNIFIED,
    'sys/fs/cgroup/cgroup.procs': '',
  })
  const folder = join(root, 'sys/fs/cgroup')
  for (const name of ['sluice-4194305.1.boot.1', 'sluice-4194305.1.boot.2/inner', 'other', 'sluice-x'])
    mkdirSync(join(folder, name), { recursive: true })
  await findControlGroups(root).sweep()
  expect(readdirSync(folder).toSorted()).toEqual(['cgroup.procs', 'other', 'sluice-x'])
})
