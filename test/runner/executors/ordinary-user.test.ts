import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bubblewrapExecutor } from '../../../src/runner/executors/bubblewrap.ts'
import { viewHost } from '../../../src/runner/executors/sandbox-mounts.ts'
import { findShell } from '../../../src/runner/script/shell.ts'
import { temporaryFile } from '../../../src/runner/scratch/temporary-file.ts'

/** Who bubblewrap runs as here: where the tests are run by root, somebody else. */
const user = process.getuid?.() === 0 ? { uid: 54_321, gid: 54_321 } : undefined

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-user-'))
  for (const path of [
    'builds/app',
    'builds/app.tmp',
    'tmp',
    'home/me/.nvm',
    'home/me/.ssh',
    'scratch-home',
    'mirror/objects/info',
    'lender/objects',
    'state',
  ]) {
    mkdirSync(join(folder, path), { recursive: true })
  }
  writeFileSync(join(folder, 'home/me/.ssh/id'), 'secret')
  writeFileSync(join(folder, 'home/me/.nvm/tool'), 'tool')
  writeFileSync(join(folder, 'state/db'), 'secret')
  writeFileSync(join(folder, 'mirror/objects/info/alternates'), `${folder}/lender/objects\n`)
  if (user) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, folder])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(script: string): Promise<{ end: unknown; output: string }> {
  const shell = findShell()
  if (!shell) throw new Error('these tests need bash')
  const home = join(folder, 'home/me')
  const executor = bubblewrapExecutor({
    shell,
    home,
    view: viewHost({ root: false, home }),
    ...(user && { user }),
  })
  const environment = executor.prepare({
    folders: {
      builds: join(folder, 'builds'),
      project: join(folder, 'builds/app'),
      temp: join(folder, 'builds/app.tmp'),
    },
    repository: {
      gitDir: join(folder, 'mirror'),
      objects: [join(folder, 'mirror/objects'), join(folder, 'lender/objects')],
    },
    projectPath: 'group/app',
    scratch: { temp: join(folder, 'tmp'), home: join(folder, 'scratch-home') },
    hide: [join(folder, 'state'), join(folder, 'builds'), '/usr/share/doc'],
  })
  const output = openSync(join(folder, 'output'), 'w')
  const text = temporaryFile(folder, script)
  const started = await environment.start({
    script: text.descriptor,
    output,
    file: (content) => temporaryFile(folder, content).descriptor,
  })
  text.close()
  closeSync(output)
  if (!started.ok) throw new Error(started.error)
  return { end: await started.value.ended, output: readFileSync(join(folder, 'output'), 'utf8') }
}

describe("a sandbox of an ordinary user's daemon", () => {
  it('runs, writes to its workspace, gives back the exit code', async () => {
    const { end, output } = await run('echo x > made; ls; pwd; exit 7')
    expect(output).toBe('made\n/builds/group/app\n')
    expect(end).toEqual({ ok: true, value: { kind: 'exited', code: 7 } })
  })

  it('is the same user, without capabilities', async () => {
    expect((await run('id -u; grep CapEff /proc/self/status')).output).toBe(
      `${user?.uid ?? process.getuid?.()}\nCapEff:\t0000000000000000\n`,
    )
  })

  it('shows the machine read-only and hides what is to be hidden', async () => {
    const { output } = await run(`
      [ -x /usr/bin/env ] && echo system
      (echo x > /usr/x) 2>/dev/null || echo read-only
      (echo x > /x) 2>/dev/null || echo root read-only
      cat ${folder}/state/db ${folder}/home/me/.ssh/id 2>/dev/null || echo hidden
      cat ${folder}/home/me/.nvm/tool; echo
      (echo x > ${folder}/home/me/.nvm/x) 2>/dev/null || echo tools read-only
      ls -A /usr/share/doc | wc -l; ls -A ~
      ls ${folder}/builds 2>/dev/null | wc -l
      echo kept > ~/file; echo kept > /tmp/file`)
    expect(output.split('\n')).toEqual([
      'system',
      'read-only',
      'root read-only',
      'hidden',
      'tool',
      'tools read-only',
      '0',
      '.nvm',
      '0',
      '',
    ])
  })

  it('names the lenders of the mirror by the paths that it shows', async () => {
    const { output } = await run(
      'cat /builds/group/app.git/objects/info/alternates; ls -d /builds/group/app.objects-1',
    )
    expect(output).toBe('/builds/group/app.objects-1\n/builds/group/app.objects-1\n')
  })

  it('writes no setting of the kernel and ends with all that it started', async () => {
    // Those of its own namespaces, such as fs/mqueue, are its own affair.
    const script =
      'find /proc/sys -type f -writable 2>/dev/null | grep -e kernel/core -e /vm/ -e modprobe -e hotplug -e /net/; setsid sleep 1000 & exit 0'
    expect((await run(script)).output).toBe('')
  })
})
