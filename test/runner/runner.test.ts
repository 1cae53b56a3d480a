import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openMirror } from '../../src/platform/mirror.ts'
import { harness, section, type Harness } from './support/harness.ts'
import { manualClock } from './support/manual-clock.ts'
import { shell } from './support/executors.ts'
import { variable } from './support/payload.ts'

let lab: Harness
afterEach(() => lab.close())
const open = (...options: Parameters<typeof harness> extends [unknown, ...infer Rest] ? Rest : never) =>
  (lab = harness(shell(), ...options))

const SYSTEM_FAILURE = { state: 'failed', reason: 'runner_system_failure', exitCode: null }

describe('taking jobs', () => {
  it('as many at once as allowed, the next when one ends, in the order of the queue', async () => {
    open({ concurrency: 2 })
    const gate = (name: string) => `echo ready; until [ -e ${lab.folder}/${name} ]; do sleep 0.01; done`
    const jobs = ['a', 'b', 'c'].map((name) => lab.start({ script: [gate(name)] }))
    const [a, b, c] = jobs
    if (!a || !b || !c) throw new Error('three jobs')
    await Promise.all([lab.coordinator.prints(a, 'ready\n'), lab.coordinator.prints(b, 'ready\n')])
    expect(existsSync(join(lab.folder, `${c.token}.log`))).toBe(false)
    writeFileSync(join(lab.folder, 'a'), '')
    await lab.coordinator.prints(c, 'ready\n')
    for (const name of ['b', 'c']) writeFileSync(join(lab.folder, name), '')
    for (const job of jobs) expect((await lab.ended(job)).end).toEqual({ state: 'success' })
    await lab.runner.idle()
  })

  it('asks until there is nothing, and then only when woken', async () => {
    open()
    let asked = 0
    const { requestJob } = lab.coordinator
    lab.coordinator.requestJob = (identity) => {
      asked++
      return requestJob(identity)
    }
    await lab.run({})
    await lab.runner.idle()
    const before = asked
    await new Promise((resolve) => setImmediate(resolve))
    expect(asked).toBe(before)
    lab.runner.wake()
    await lab.runner.idle()
    expect(asked).toBe(before + 1)
  })

  it('a wake while it asks is not lost', async () => {
    open()
    let answer: () => void = () => {}
    const asked = new Promise<void>((resolve) => {
      const { requestJob } = lab.coordinator
      lab.coordinator.requestJob = async () => {
        resolve()
        await new Promise<void>((answered) => (answer = answered))
        lab.coordinator.requestJob = requestJob
        return undefined
      }
    })
    lab.runner.wake()
    await asked
    const job = lab.start({})
    answer()
    expect((await lab.ended(job)).end).toEqual({ state: 'success' })
  })

  it('a coordinator that fails to answer is asked again after a second', async () => {
    const clock = manualClock()
    open({ clock })
    const { requestJob } = lab.coordinator
    lab.coordinator.requestJob = () => Promise.reject(new Error('database is locked'))
    const job = lab.start({})
    await clock.awaited(1_000)
    expect(lab.notices).toEqual(['asking for a job failed: database is locked'])
    lab.coordinator.requestJob = requestJob
    clock.runOut(1_000)
    expect((await lab.ended(job)).end).toEqual({ state: 'success' })
  })
})

describe('the log', () => {
  it('of a job has the lines of gitlab-runner in its order', async () => {
    open()
    const { log } = await lab.run({ script: ['echo hello'], afterScript: ['echo bye'] })
    // The times of sections, this machine's name and folders.
    const shown = log
      .replace(/section_(start|end):\d+/g, 'section_$1:T')
      .replace(/Running on .*\.\.\./, 'Running on HOST...')
      .replaceAll(lab.folder, 'FOLDER')
    expect(shown).toBe(
      [
        '\u001b[0KRunning with sluice 1.2.3\u001b[0;m\n',
        '\u001b[0K  on test\u001b[0;m\n',
        'section_start:T:prepare_executor\r\u001b[0K\u001b[0K\u001b[36;1mPreparing the "shell" executor\u001b[0;m\u001b[0;m\n',
        '\u001b[0KUsing Shell (bash) executor...\u001b[0;m\n',
        '\u001b[0KIsolation: shell\u001b[0;m\n',
        'section_end:T:prepare_executor\r\u001b[0Ksection_start:T:prepare_script\r\u001b[0K\u001b[0K\u001b[36;1mPreparing environment\u001b[0;m\u001b[0;m\n',
        'Running on HOST...\n',
        'section_end:T:prepare_script\r\u001b[0Ksection_start:T:get_sources\r\u001b[0K\u001b[0K\u001b[36;1mGetting source from Git repository\u001b[0;m\u001b[0;m\n',
        '\u001b[32;1mFetching changes...\u001b[0;m\n',
        'Initialized empty Git repository in FOLDER/builds/1/0/app/.git/\n',
        '\u001b[32;1mCreated fresh repository.\u001b[0;m\n',
        `\u001b[32;1mChecking out ${lab.repository.sha.slice(0, 8)} as detached HEAD (ref is main)...\u001b[0;m\n`,
        '\u001b[32;1mSkipping Git submodules setup\u001b[0;m\n',
        'section_end:T:get_sources\r\u001b[0Ksection_start:T:step_script\r\u001b[0K\u001b[0K\u001b[36;1mExecuting "step_script" stage of the job script\u001b[0;m\u001b[0;m\n',
        '\u001b[32;1m$ echo hello\u001b[0;m\n',
        'hello\n',
        'section_end:T:step_script\r\u001b[0Ksection_start:T:after_script\r\u001b[0K\u001b[0K\u001b[36;1mRunning after_script\u001b[0;m\u001b[0;m\n',
        '\u001b[32;1mRunning after script...\u001b[0;m\n',
        '\u001b[32;1m$ echo bye\u001b[0;m\n',
        'bye\n',
        'section_end:T:after_script\r\u001b[0Ksection_start:T:cleanup_file_variables\r\u001b[0K\u001b[0K\u001b[36;1mCleaning up project directory and file based variables\u001b[0;m\u001b[0;m\n',
        'section_end:T:cleanup_file_variables\r\u001b[0K\u001b[32;1mJob succeeded\u001b[0;m\n',
      ].join(''),
    )
  })

  it('says once that an image is not used, and what would use it', async () => {
    open()
    const { log } = await lab.run({ image: 'ruby:3.1' })
    expect(log.split('ruby:3.1').length - 1).toBe(1)
    expect(log).toContain(
      'WARNING: image "ruby:3.1" is not used by this executor: the script runs with the tools of this machine. An official gitlab-runner with the docker executor would use it.',
    )
  })

  it('is cut at the limit, the job goes on', async () => {
    open({ logLimit: 100_000 })
    const { end, log } = await lab.run({
      script: ['head -c 1000000 /dev/zero | tr "\\0" x', 'echo done > done'],
      artifacts: { paths: ['done'] },
    })
    expect(end).toEqual({ state: 'success' })
    expect(
      log.endsWith(
        "\n\u001b[33;1mJob's log exceeded limit of 100000 bytes.\nJob execution will continue but no more output will be collected.\u001b[0;m\n",
      ),
    ).toBe(true)
    expect(lab.coordinator.artifacts.size).toBe(1)
  })
})

describe('what fails is that job alone, as a failure of the runner', () => {
  it('a full disk under the log', async () => {
    open()
    lab.coordinator.beforeWrite = (bytes) => {
      if (Buffer.from(bytes).includes('fill')) throw new Error('ENOSPC: no space left on device, write')
    }
    const { end } = await lab.run({ script: ['echo fill', 'sleep 1000'] })
    expect(end).toEqual(SYSTEM_FAILURE)
    expect((await lab.run({})).end).toEqual({ state: 'success' })
  })

  it('a full disk under the last line of the log', async () => {
    open()
    lab.coordinator.beforeWrite = (bytes) => {
      if (Buffer.from(bytes).includes('Job succeeded'))
        throw new Error('ENOSPC: no space left on device, write')
    }
    expect((await lab.run({})).end).toEqual(SYSTEM_FAILURE)
  })

  it.each(['openTrace', 'stageArtifacts', 'putArtifacts', 'getArtifacts'] as const)(
    'a coordinator that rejects %s',
    async (call) => {
      open()
      const failing = async () => {
        throw new Error(`no ${call}`)
      }
      const before = lab.coordinator[call]
      Object.assign(lab.coordinator, { [call]: failing })
      const first = lab.start({
        script: ['echo x > x'],
        artifacts: { paths: ['x'] },
        dependencies: call === 'getArtifacts' ? [1] : [],
      })
      expect(await lab.coordinator.ended(first)).toEqual(SYSTEM_FAILURE)
      const log = call === 'openTrace' ? '' : lab.coordinator.trace(first)
      expect(log).toContain(call === 'openTrace' ? '' : `ERROR: Job failed (system failure): no ${call}`)
      Object.assign(lab.coordinator, { [call]: before })
      expect((await lab.run({})).end).toEqual({ state: 'success' })
    },
  )

  it('a cancellation that throws', async () => {
    open()
    const { cancellation } = lab.coordinator
    lab.coordinator.cancellation = () => {
      throw new Error('unknown job')
    }
    expect(await lab.coordinator.ended(lab.start({}))).toEqual(SYSTEM_FAILURE)
    lab.coordinator.cancellation = cancellation
  })

  it('a commit that does not exist, in the words of git; script and after_script are not run', async () => {
    open()
    const sha = 'e'.repeat(40)
    const { end, log } = await lab.run({ sha, afterScript: ['echo never'] })
    expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 128 })
    expect(log).toContain(`fatal: reference is not a tree: ${sha}\n`)
    expect(log).not.toContain('step_script')
    expect(log).not.toContain('never')
  })

  it('a builds folder that cannot be written', async () => {
    open()
    writeFileSync(join(lab.folder, 'builds/1'), 'a file')
    const { end, log } = await lab.run({})
    expect(end).toEqual(SYSTEM_FAILURE)
    expect(log).toMatch(/system failure\): E(EXIST|NOTDIR)/)
  })

  it('a report that is refused is repeated', async () => {
    const clock = manualClock()
    open({ clock })
    const { updateJob } = lab.coordinator
    let refusals = 2
    lab.coordinator.updateJob = async (token, update) => {
      if (update.state !== 'running' && refusals-- > 0) throw new Error('database is locked')
      return updateJob(token, update)
    }
    const job = lab.start({})
    for (const wait of [1_000, 2_000]) {
      await clock.awaited(wait)
      clock.runOut(wait)
    }
    expect((await lab.ended(job)).end).toEqual({ state: 'success' })
    expect(lab.notices.length).toBe(2)
  })

  it('a job that deletes its workspace harms no other', async () => {
    open()
    await lab.run({ script: ['cd /; rm -rf "$CI_PROJECT_DIR" "$CI_PROJECT_DIR.tmp"'] })
    await lab.runner.idle()
    expect((await lab.run({ script: ['cat README.md'] })).output).toContain('hello\n')
  })
})

it('a canceled answer to the report of the start cancels the job', async () => {
  open()
  const { updateJob } = lab.coordinator
  lab.coordinator.updateJob = async (token, update) =>
    update.state === 'running' ? 'canceled' : updateJob(token, update)
  expect((await lab.run({ script: ['sleep 1000'] })).log).toContain('ERROR: Job failed: canceled')
})

it('a job that is canceled before it begins runs nothing', async () => {
  open()
  const { openTrace } = lab.coordinator
  lab.coordinator.openTrace = async (token) => {
    const { cancellation } = lab.coordinator
    lab.coordinator.cancel({ token } as never) // only the token is looked at
    void cancellation
    return openTrace(token)
  }
  const { log } = await lab.run({ script: ['echo never'], afterScript: ['echo never'] })
  expect(log).not.toContain('never')
  expect(log).toContain('ERROR: Job failed: canceled')
})

it('after_script has its own limit', async () => {
  const clock = manualClock()
  open({ clock })
  const job = lab.start({ script: ['true'], afterScript: ['echo ready', 'sleep 1000'] })
  await lab.coordinator.prints(job, 'ready\n')
  clock.runOut(300_000)
  const { end, log } = await lab.ended(job)
  expect(end).toEqual({ state: 'success' })
  expect(log).toContain(
    'WARNING: after_script failed, but job will continue unaffected: execution took longer than 5m0s seconds',
  )
})

describe('artifacts', () => {
  it('go from one job to the next, with modes and links, over what is there', async () => {
    open()
    const script = [
      'mkdir -p out/empty; echo built > out/file; printf "#!/bin/sh\\necho ran\\n" > out/run; chmod 755 out/run; ln -s file out/link; echo changed > README.md',
    ]
    const first = await lab.run({
      script,
      artifacts: { paths: ['out/', '$CI_PROJECT_DIR/README.md'], name: 'dir/$CI_SERVER-x' },
    })
    expect(section(first.log, 'upload_artifacts_on_success')).toBe(
      `\u001b[32;1mUploading artifacts...\u001b[0;m\nout/: found 5 matching artifact files and directories\n${lab.folder}/builds/1/0/app/README.md: found 1 matching artifact files and directories\n` +
        `Uploading artifacts as "archive" to coordinator... 201 Created  id=${first.payload.id} responseStatus=201 Created\n`,
    )
    expect(lab.coordinator.artifacts.get(first.payload.id)).toMatchObject({ name: 'yes-x', files: 4 })
    const second = await lab.run({
      script: ['cat out/file README.md; out/run; readlink out/link; ls -d out/empty'],
      dependencies: [first.payload.id],
    })
    expect(second.output).toContain('built\nchanged\nran\nfile\nout/empty\n')
    expect(section(second.log, 'download_artifacts')).toBe(
      `\u001b[32;1mDownloading artifacts for job ${first.payload.id} (${first.payload.id})...\u001b[0;m\nDownloading artifacts from coordinator... ok        id=${first.payload.id} responseStatus=200 OK\n`,
    )
    const third = await lab.run({ script: ['ls; cat README.md'] })
    expect(third.output).toContain('README.md\nsrc\nhello\n')
  })

  it.each`
    when            | script     | uploaded
    ${'on_success'} | ${'true'}  | ${1}
    ${'on_success'} | ${'false'} | ${0}
    ${'on_failure'} | ${'true'}  | ${0}
    ${'on_failure'} | ${'false'} | ${1}
    ${'always'}     | ${'false'} | ${1}
  `(
    '$when after $script',
    async ({ when, script, uploaded }: { when: 'on_success'; script: string; uploaded: number }) => {
      open()
      const { log } = await lab.run({ script: [script], artifacts: { paths: ['README.md'], when } })
      expect(lab.coordinator.artifacts.size).toBe(uploaded)
      expect(
        log.includes(script === 'true' ? 'upload_artifacts_on_success' : 'upload_artifacts_on_failure'),
      ).toBe(uploaded === 1)
    },
  )

  it('nothing to upload does not fail the job', async () => {
    open()
    const { end, log } = await lab.run({ artifacts: { paths: ['none'] } })
    expect(end).toEqual({ state: 'success' })
    expect(log).toContain('\u001b[31;1mERROR: No files to upload\u001b[0;m\n')
  })

  it('untracked files, ignored ones too', async () => {
    open({ files: { '.gitignore': '*.o\n' } })
    await lab.run({ script: ['echo x > a.o; mkdir d; echo x > d/b'], artifacts: { untracked: true } })
    const [stored] = lab.coordinator.artifacts.values()
    expect(readdirSync(stored?.path ?? '', { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
      'a.o',
      'd',
      'd/b',
    ])
  })

  it('a link to a secret is stored as a link', async () => {
    open()
    writeFileSync(join(lab.folder, 'secret'), 'secret')
    await lab.run({
      script: [`ln -s ${lab.folder}/secret link; mkdir d; ln -s ${lab.folder} d/up`],
      artifacts: { paths: ['link', 'd/up/secret', 'd/**/secret'] },
    })
    const [stored] = lab.coordinator.artifacts.values()
    expect(readdirSync(stored?.path ?? '', { recursive: true })).toEqual(['link'])
  })

  it('those that are gone: the job fails before its script', async () => {
    open()
    const { end, log } = await lab.run({ script: ['echo never'], dependencies: [77] })
    expect(end).toEqual({ state: 'failed', reason: 'missing_dependency_failure', exitCode: null })
    expect(log).toContain('ERROR: Job failed: the artifacts of job "job 77" (77) are gone')
    expect(log).not.toContain('never')
  })
})

describe('workspaces', () => {
  it('a snapshot is checked out on top of its commit', async () => {
    open()
    const snapshot = lab.repository.commit({ 'README.md': 'edited\n', new: 'new\n' })
    const { output, log } = await lab.run({
      sha: lab.repository.sha,
      checkoutSha: snapshot,
      script: ['cat README.md; git rev-parse HEAD; git status --porcelain'],
    })
    expect(output).toContain(`edited\n${lab.repository.sha}\nM  README.md\nA  new\n`)
    expect(log).toContain(`With the uncommitted changes of the work tree (snapshot ${snapshot.slice(0, 8)})`)
  })

  it('a mirror that borrows: history, tags and branches are there', async () => {
    open()
    lab.repository.git('tag', 'v1.0')
    const mirror = join(lab.folder, 'borrowing')
    await openMirror({ source: join(lab.repository.source, '.git'), mirror, borrow: true })
    const { output } = await lab.run({
      mirror,
      script: ['git describe --tags; git rev-parse origin/main; git log --oneline | wc -l'],
    })
    expect(output).toContain(`v1.0\n${lab.repository.sha}\n1\n`)
  })

  it('the source repository is the same afterwards', async () => {
    open()
    const state = () =>
      execFileSync('sh', ['-c', 'find . -type f | sort | xargs sha256sum'], {
        cwd: lab.repository.source,
        encoding: 'utf8',
      })
    const before = state()
    const mirror = join(lab.folder, 'borrowing')
    await openMirror({ source: join(lab.repository.source, '.git'), mirror, borrow: true })
    for (let round = 0; round < 3; round++)
      await lab.run({
        mirror,
        script: [
          'git gc --quiet; git commit --allow-empty -qm x 2>/dev/null || true; git config a.b c; rm -rf *',
        ],
      })
    expect(state()).toBe(before)
  })

  it('two projects and two jobs at once do not share one', async () => {
    open({ concurrency: 3 })
    const jobs = [1, 1, 2].map((projectId) =>
      lab.start({
        projectId,
        project: `group/p${projectId}`,
        script: ['echo "at $CI_PROJECT_DIR of $CI_CONCURRENT_PROJECT_ID"; echo ready; sleep 1000'],
      }),
    )
    const places = new Set<string>()
    for (const job of jobs) {
      await lab.coordinator.prints(job, 'ready\n')
      places.add(/\nat (.*) of/.exec(lab.coordinator.trace(job))?.[1] ?? '')
    }
    expect([...places].map((place) => place.replace(lab.folder, '')).toSorted()).toEqual([
      '/builds/1/0/p1',
      '/builds/1/1/p1',
      '/builds/2/0/p2',
    ])
  })

  it('a slot in use by another process is left alone', async () => {
    open()
    mkdirSync(join(lab.folder, 'builds/1/0'), { recursive: true })
    writeFileSync(join(lab.folder, 'builds/1/0/lock'), JSON.stringify({ pid: 1, ...identityOf(1) }))
    const { output } = await lab.run({ script: ['pwd'] })
    expect(output).toContain(`${lab.folder}/builds/1/1/app\n`)
  })
})

it('what a killed process left in the scratch folder goes at the next start, its processes too', async () => {
  open()
  const left = join(lab.folder, 'scratch', '4000000-x')
  mkdirSync(left)
  writeFileSync(join(left, 'owner.json'), JSON.stringify({ pid: 4_000_000, pidStart: '1', bootId: 'x' }))
  const orphan = execFileSync(
    'sh',
    ['-c', `exec 3> ${left}/pipe; setsid env -i sleep 1000 > /dev/null 2>&1 < /dev/null & echo $!`],
    { encoding: 'utf8' },
  ).trim()
  const next = harness(shell(), { scratchDir: join(lab.folder, 'scratch') })
  while (existsSync(left) || /\) [^ZX]/.test(stat(orphan)))
    await new Promise((resolve) => setImmediate(resolve))
  expect(readdirSync(join(lab.folder, 'scratch')).length).toBe(2)
  await next.close()
})

it('masked variables are masked everywhere, in the words of the runner too', async () => {
  open()
  const { log } = await lab.run({
    script: ['true'],
    image: 'registry/hunter2hunter2',
    variables: [variable('T', 'hunter2hunter2', { masked: true })],
  })
  expect(log).toContain('image "registry/[MASKED]" is not used')
})

function stat(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return ''
  }
}

function identityOf(pid: number): { pidStart: string; bootId: string } {
  const fields = stat(String(pid)).split(') ')[1]?.split(' ') ?? []
  return {
    pidStart: fields[19] ?? '',
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  }
}
