import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFifos, openFifo } from '../../src/platform/fifo.ts'
import {
  killHolders,
  killRemains,
  signalGroup,
  startGroup,
  type GroupLeader,
} from '../../src/platform/process.ts'

let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-process-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }

async function start(
  script: string,
  more: { env?: Record<string, string>; stdout?: 'pipe' | number } = {},
): Promise<GroupLeader> {
  const started = await startGroup({
    file: 'bash',
    args: ['-c', script],
    env: { ...env, ...more.env },
    cwd: folder,
    stdio: ['ignore', more.stdout ?? 'pipe', 'ignore'],
  })
  if (!started.ok) throw new Error(started.error)
  return started.value
}

async function lines(leader: GroupLeader, count: number): Promise<string[]> {
  let seen = ''
  for await (const piece of leader.pipe(1)) {
    seen += String(piece)
    if (seen.split('\n').length > count) break
  }
  return seen.trim().split('\n')
}

function lives(pid: number): boolean {
  try {
    return !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Resolves when a process that was killed has gone. */
async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(lives)) await new Promise((resolve) => setImmediate(resolve))
}

describe('startGroup', () => {
  it.each([
    ['exit 0', { kind: 'exited', code: 0 }],
    ['exit 42', { kind: 'exited', code: 42 }],
    ['kill -9 $$', { kind: 'signaled', signal: 'SIGKILL' }],
  ])('%s', async (script, exit) => expect(await (await start(script)).ended).toEqual(exit))

  it('says why a program cannot be started', async () => {
    const started = await startGroup({
      file: '/nonexistent/program',
      args: [],
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    expect(started).toEqual({ ok: false, error: 'spawn /nonexistent/program ENOENT' })
  })

  it('leads a session and a group of its own and gets the given environment only', async () => {
    const leader = await start('cut -d " " -f 1,5,6 /proc/$$/stat; env | grep -c HOME || true')
    expect(await text(leader.pipe(1))).toBe(`${leader.pid} ${leader.pid} ${leader.pid}\n0\n`)
  })
})

describe('killing what a job left', () => {
  it('the group goes as a whole', async () => {
    const leader = await start('sleep 1000 & echo $!; nohup sleep 1000 > /dev/null & echo $!; exit 0')
    const pids = (await lines(leader, 2)).map(Number)
    await leader.ended
    expect(pids.map(lives)).toEqual([true, true])
    expect(signalGroup(leader.pid, 'SIGKILL')).toBe(true)
    await gone(pids)
  })

  it.each([false, true])(
    'those that called setsid are found by the marker (every process looked at: %s)',
    async (all) => {
      const leader = await start(
        'setsid sleep 1000 & echo $!; (setsid sh -c "trap \'\' TERM; echo \\$\\$; exec sleep 1000") & exit 0',
        { env: { MARK: 'of-this-job' } },
      )
      const pids = (await lines(leader, 2)).map(Number)
      await leader.ended
      killRemains({ leader: leader.pid, marker: 'MARK=of-this-job', all })
      await gone(pids)
      expect(pids.map(lives)).toEqual([false, false])
    },
  )

  it('leaves processes without the marker alone', async () => {
    const other = await start('sleep 1000', { env: { MARK: 'of-another' } })
    const leader = await start('exit 0', { env: { MARK: 'of-this-job' } })
    await leader.ended
    expect(killRemains({ leader: leader.pid, marker: 'MARK=of-this-job', all: true })).toBe(0)
    expect(lives(other.pid)).toBe(true)
    signalGroup(other.pid, 'SIGKILL')
    await other.ended
  })

  it('one that left group, parent and environment is found while it holds the pipe', async () => {
    const path = join(folder, 'held')
    await makeFifos([path])
    const output = openFifo(path, async () => {})
    const leader = await start('env -i setsid sleep 1000 & exit 0', { stdout: output.writeEnd })
    output.closeWriteEnd()
    await leader.ended
    killRemains({ leader: leader.pid, marker: 'MARK=nothing', all: true })
    expect(killHolders(path)).toBe(true)
    expect(await output.ended).toBe(true)
  })
})

it('descriptors that were inherited without close-on-exec are closed, ours are not', () => {
  const script = `
    import { closeInheritedDescriptors } from ${JSON.stringify(join(import.meta.dirname, '../../src/platform/process.ts'))}
    import { openSync, readdirSync } from 'node:fs'
    const ours = openSync('/dev/null', 'r')
    const closed = closeInheritedDescriptors()
    console.log(closed > 0, closeInheritedDescriptors(), readdirSync('/proc/self/fd').includes('77'), readdirSync('/proc/self/fd').includes(String(ours)))`
  const node = `exec ${process.execPath} --import tsx --input-type=module -e "$SCRIPT" 77< /dev/null`
  const run = spawnSync('bash', ['-c', node], {
    env: { ...env, SCRIPT: script, HOME: folder },
    encoding: 'utf8',
    cwd: join(import.meta.dirname, '../..'),
  })
  expect(run.stderr).toBe('')
  expect(run.stdout).toBe('true 0 false true\n')
})
