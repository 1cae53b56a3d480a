import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Executor } from '../../src/runner/executors/executor.ts'
import { harness, printed, section, type Harness } from './support/harness.ts'
import { manualClock } from './support/manual-clock.ts'
import { variable } from './support/payload.ts'

/** What every executor must do, seen from the coordinator's side. */
export function executorContract(make: () => Executor): void {
  let lab: Harness
  beforeAll(() => void (lab = harness(make())))
  afterAll(() => lab.close())

  const output = async (script: readonly string[], more: object = {}) =>
    printed((await lab.run({ script, ...more })).output)

  describe('shell semantics', () => {
    it.each([
      ['a command that succeeds', ['true'], { state: 'success' }],
      [
        'its true exit code',
        ["sh -c 'exit 42'"],
        { state: 'failed', reason: 'script_failure', exitCode: 42 },
      ],
      ['explicit exit', ['exit 7'], { state: 'failed', reason: 'script_failure', exitCode: 7 }],
      [
        'a command that does not exist',
        ['nosuchcommand'],
        { state: 'failed', reason: 'script_failure', exitCode: 127 },
      ],
      [
        'the left side of a pipe',
        ['false | true'],
        { state: 'failed', reason: 'script_failure', exitCode: 1 },
      ],
      ['errexit switched off', ['set +e', 'false', 'true'], { state: 'success' }],
      ['an unset variable', ['echo "$NEVER_SET"'], { state: 'success' }],
      ['an overwritten file', ['echo a > x; echo b > x'], { state: 'success' }],
      ['a mistake in the syntax', ['if'], { state: 'failed', reason: 'script_failure', exitCode: 2 }],
      [
        'killed by a signal',
        ['kill -9 $BASHPID'],
        { state: 'failed', reason: 'script_failure', exitCode: 137 },
      ],
    ])('%s', async (_, script, end) => expect((await lab.run({ script })).end).toEqual(end))

    it('one shell for all elements: folder, exports, functions and traps carry over', async () => {
      const script = [
        'cd src',
        'export A=1',
        'f() { echo "f $A"; }',
        "trap 'echo bye' EXIT",
        'f; basename "$PWD"',
      ]
      expect(await output(script)).toBe('f 1\nsrc\nbye\n')
    })

    it('a command before a syntax error has run', async () =>
      expect(await output(['echo before', 'fi'])).toMatch(/^before\n.*syntax error/))

    it('echoes commands in bold green, several lines as one, trimmed', async () => {
      const { output: shown } = await lab.run({ script: ['  echo a  ', 'echo b\necho c\n', ''] })
      expect(shown).toBe(
        '\u001b[32;1m$ echo a\u001b[0;m\na\n\u001b[32;1m$ echo b # collapsed multi-line command\u001b[0;m\nb\nc\n\n',
      )
    })

    it('reads nothing from its input and has no terminal', async () => {
      expect(await output(['cat', 'tty || true', 'echo $BASH_SUBSHELL'])).toBe('not a tty\n1\n')
    })

    it('is no login shell and reads no start-up file', async () =>
      expect(await output(['shopt -q login_shell && echo login; echo "$0"'])).toBe('bash\n'))

    it('opens /dev/stdout and /dev/stderr and keeps their order', async () => {
      const script = [
        'echo 1 > /dev/stdout; echo 2 > /dev/stderr; echo 3; echo 4 >&2; echo 5 | tee /dev/stderr > /dev/null',
      ]
      expect(await output(script)).toBe('1\n2\n3\n4\n5\n')
    })

    it('says first what of the job has less effect here', async () => {
      const { log } = await lab.run({ script: ['true'], notices: ['cache: not kept', 'release: none'] })
      const lines = section(log, 'prepare_executor')
        .split('\n')
        .filter((line) => line.includes('WARNING'))
      expect(lines).toEqual([
        '\u001b[0;33mWARNING: cache: not kept\u001b[0;m',
        '\u001b[0;33mWARNING: release: none\u001b[0;m',
      ])
    })

    it('shows elements of several lines as sections when asked to', async () => {
      const { output: shown } = await lab.run({
        script: ['echo a', 'echo b\necho c'],
        variables: [variable('FF_SCRIPT_SECTIONS', 'true')],
      })
      expect(shown.replaceAll(/:\d{10}:/g, ':TIME:')).toBe(
        '\u001b[32;1m$ echo a\u001b[0;m\na\nsection_start:TIME:section_script_step_1[hide_duration=true,collapsed=true]\r\u001b[0K\u001b[32;1m$ echo b\necho c\u001b[0;m\nb\nc\nsection_end:TIME:section_script_step_1\r\u001b[0K\n',
      )
    })

    it('puts the time before each line when asked to', async () => {
      const { log } = await lab.run({
        script: ['echo a; echo b >&2'],
        variables: [variable('FF_TIMESTAMPS', 'false'), variable('FF_TIMESTAMPS', '1')],
      })
      const lines = log.trimEnd().split('\n')
      const header = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{6}Z 0[01]O[ +]/
      expect(lines.filter((line) => !header.test(line))).toEqual([])
      expect(lines.map((line) => line.slice(28)).filter((line) => line.startsWith('01O'))).toEqual([
        '01O \u001b[32;1m$ echo a; echo b >&2\u001b[0;m',
        '01O a',
        '01O b',
      ])
    })

    it('makes files that others may read, whatever the umask here', async () => {
      const before = process.umask(0o077)
      try {
        expect(await output(['umask; : > f; stat -c %a f'])).toBe('0022\n644\n')
      } finally {
        process.umask(before)
      }
    })

    it('shows no variable when a signal ends the shell', async () => {
      const shown = await output(['echo "$#"', 'kill -9 $BASHPID'], {
        variables: [variable('DUMPED', "it's")],
      })
      expect(shown).toMatch(/^0\n.*Killed/)
      expect(shown).not.toContain('DUMPED')
    })

    it('traces every command when asked to', async () => {
      const { output: shown } = await lab.run({
        script: ['echo x'],
        variables: [variable('CI_DEBUG_TRACE', 'true'), variable('DUMPED', '1')],
      })
      expect(shown).toContain('+ export DUMPED=1\n')
      expect(shown).toContain('+ echo x\nx\n')
      expect(shown.match(/export DUMPED=/g)).toHaveLength(1)
    })
  })

  describe('variables', () => {
    it.each([
      ['quotes and newlines', 'A', `it's "two"\nlines\\n \`id\` $(id)`],
      ['other letters', 'A', 'grün — 日本 \u{1F600}'],
      ['control characters', 'A', '\u0001\t\r\u001b[31m\u007f'],
      ['an empty value', 'A', ''],
      ['a value like an option', 'A', '-n -e'],
      ['IFS', 'IFS', 'x:y'],
      ['ENV', 'ENV', '/nonexistent/env'],
      ['BASH_ENV', 'BASH_ENV', '/nonexistent/bash-env'],
      ['LD_PRELOAD', 'LD_PRELOAD', '/nonexistent/preload.so'],
      ['PATH', 'PATH', '/nonexistent/bin'],
      ['CDPATH', 'CDPATH', '/usr'],
      ['PS4', 'PS4', '$(echo evil >&2)+'],
      ['GIT_DIR', 'GIT_DIR', '/nonexistent/git'],
      ['NODE_OPTIONS', 'NODE_OPTIONS', '--require /nonexistent.js'],
    ])('%s reach the job exactly', async (_, key, value) => {
      const { end, output: shown } = await lab.run({
        script: [`printf '<%s>' "$${key}"`],
        variables: [variable(key, value, { raw: true })],
      })
      expect(end).toEqual({ state: 'success' })
      expect(printed(shown).replace(/^(bash: line \d+: )?ERROR: ld\.so.*\n/gm, '')).toBe(`<${value}>`)
    })

    it('the last of a name wins, references are expanded once', async () => {
      const variables = [
        variable('A', 'one'),
        variable('A', 'two'),
        variable('B', '$A ${A} $$A $NONE $'),
        variable('C', '$B'),
        variable('D', '$A', { raw: true }),
      ]
      expect(await output(['printf "%s|%s|%s" "$B" "$C" "$D"'], { variables })).toBe(
        'two two $A  $|$A ${A} $$A $NONE $|$A',
      )
    })

    it('a file variable is a path to exactly its content', async () => {
      const variables = [variable('KEY_FILE', 'a\n"b"', { file: true }), variable('PATH_OF', 'at $KEY_FILE')]
      const script = [
        'cat "$KEY_FILE"; echo; basename "$KEY_FILE"; [ "at $KEY_FILE" = "$PATH_OF" ] && echo same; [ "$KEY_FILE" = "$CI_PROJECT_DIR.tmp/KEY_FILE" ] && echo beside',
      ]
      expect(await output(script, { variables })).toBe('a\n"b"\nKEY_FILE\nsame\nbeside\n')
    })

    it('a file variable is gone when the job has ended', async () => {
      await lab.run({ script: ['true'], variables: [variable('KEY_FILE', 'secret content', { file: true })] })
      await lab.runner.idle()
      const left = readdirSync(join(lab.folder, 'builds'), { recursive: true, encoding: 'utf8' }).filter(
        (path) => path.includes('KEY_FILE'),
      )
      expect(left).toEqual([])
    })

    it('names that no shell variable can have are left out with a warning', async () => {
      const variables = [
        variable('with-dash', 'x'),
        variable('SHELLOPTS', 'xtrace'),
        variable('../escape', 'x', { file: true }),
      ]
      const { end, log } = await lab.run({ script: ['true'], variables })
      expect(end).toEqual({ state: 'success' })
      for (const key of ['with-dash', 'SHELLOPTS', '../escape'])
        expect(log).toContain(`WARNING: variable "${key}" is not set: no shell variable can have this name`)
    })

    it('the environment is clean but for what is promised', async () => {
      process.env['SLUICE_TEST_SECRET'] = 'of the daemon'
      const names = (await output(['env | sed "s/=.*//" | sort | tr "\\n" " "'])).trim().split(' ')
      delete process.env['SLUICE_TEST_SECRET']
      const ours =
        /^(CI_|RUNNER_TEMP_PROJECT_DIR$|GITLAB_ENV$|SLUICE_JOB_MARKER$|OLDPWD$|PWD$|SHLVL$|_$|SHELL$|LOGNAME$)/
      expect(names.filter((name) => !ours.test(name))).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR', 'USER'])
    })

    it('what the runner defines is there', async () => {
      const script = [
        'echo "$CI_SERVER $CI_JOB_STATUS $CI_JOB_TIMEOUT $CI_SHARED_ENVIRONMENT"; [ "$PWD" = "$CI_PROJECT_DIR" ] && echo here',
        'case "$CI_PROJECT_DIR" in "$CI_BUILDS_DIR"/*) echo inside;; esac',
      ]
      expect(await output(script)).toBe('yes running 3600 true\nhere\ninside\n')
    })
  })

  describe('after_script', () => {
    it.each`
      script      | status
      ${'true'}   | ${'success'}
      ${'exit 3'} | ${'failed'}
    `('is told $status', async ({ script, status }: { script: string; status: string }) => {
      const { log } = await lab.run({
        script: ['cd /', 'export A=1', script],
        afterScript: ['echo "$CI_JOB_STATUS ${A-gone} $(basename $PWD)"'],
      })
      expect(printed(section(log, 'after_script'))).toContain(`${status} gone app\n`)
    })

    it('its failure changes nothing', async () => {
      const { end, log } = await lab.run({ script: ['true'], afterScript: ['exit 5'] })
      expect(end).toEqual({ state: 'success' })
      expect(log).toContain('WARNING: after_script failed, but job will continue unaffected: exit status 5')
    })

    it('its failure counts when it is not to be ignored', async () => {
      const { end, log } = await lab.run({
        script: ['true'],
        afterScript: ['exit 5'],
        variables: [variable('AFTER_SCRIPT_IGNORE_ERRORS', 'false')],
      })
      expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 5 })
      expect(log).toMatch(/ERROR: Job failed: exit status 5\u001b\[0;m\n$/)
    })

    it('has a time limit of its own', async () => {
      const clock = manualClock()
      const own = harness(make(), { clock })
      const job = own.start({
        script: ['true'],
        afterScript: ['echo ready', 'sleep 1000'],
        variables: [variable('RUNNER_AFTER_SCRIPT_TIMEOUT', '1m30s')],
      })
      await own.coordinator.prints(job, 'ready\n')
      clock.runOut(90_000)
      const { end, log } = await own.ended(job)
      expect(end).toEqual({ state: 'success' })
      expect(log).toContain(
        'WARNING: after_script failed, but job will continue unaffected: execution took longer than 1m30s seconds',
      )
      await own.close()
    })

    it('gets what the script wrote to $GITLAB_ENV', async () => {
      const { log } = await lab.run({
        script: ['echo "FROM_SCRIPT=a b" >> "$GITLAB_ENV"'],
        afterScript: ['echo "<$FROM_SCRIPT>"'],
      })
      expect(section(log, 'after_script')).toContain('<a b>\n')
    })
  })

  describe('ending', () => {
    it('children are gone when the job has ended, also those that called setsid', async () => {
      const script = [
        'sleep 1000 & setsid sleep 1000 & (setsid sleep 1000 &) ; nohup sleep 1000 & sleep 1000 > /dev/null 2>&1 &',
        'echo started',
      ]
      const clock = manualClock()
      const own = harness(make(), { clock })
      const job = own.start({ script })
      if (make().name === 'shell') {
        await own.coordinator.prints(job, 'started\n')
        await clock.awaited(2_000)
        clock.runOut(2_000)
      }
      const { end } = await own.ended(job)
      expect(end).toEqual({ state: 'success' })
      expect(sleepers(own.folder)).toEqual([])
      await own.close()
    })

    it('a canceled script may clean up, then after_script runs', async () => {
      const job = lab.start({
        script: ["trap 'echo cleaning; exit 7' TERM", 'echo ready', 'while :; do sleep 0.01; done'],
        afterScript: ['echo "after $CI_JOB_STATUS"'],
      })
      await lab.coordinator.prints(job, 'ready\n')
      lab.coordinator.cancel(job)
      const { end, log } = await lab.ended(job)
      expect(end.state).toBe('failed')
      expect(log).toMatch(
        /\ncleaning\n\u001b\[0;33mWARNING: script canceled externally \(UI, API\)\u001b\[0;m\n/,
      )
      expect(section(log, 'after_script')).toContain('after canceled\n')
      expect(log).toMatch(/\u001b\[31;1mERROR: Job failed: canceled\u001b\[0;m\n$/)
    })

    it('one that ignores SIGTERM is killed after the grace time', async () => {
      const clock = manualClock()
      const own = harness(make(), { clock, graceMs: 4_321 })
      const job = own.start({ script: ["trap '' TERM", 'echo ready', 'while :; do sleep 1000; done'] })
      await own.coordinator.prints(job, 'ready\n')
      own.coordinator.cancel(job)
      await clock.awaited(4_321)
      clock.runOut(4_321)
      const { log } = await own.ended(job)
      expect(log).toContain('ERROR: Job failed: canceled')
      expect(sleepers(own.folder)).toEqual([])
      await own.close()
    })

    it('one that is stopped ends without the grace time', async () => {
      const own = harness(make(), { clock: manualClock() })
      const job = own.start({ script: ['echo ready', 'kill -STOP $$; kill -STOP $BASHPID'] })
      await own.coordinator.prints(job, 'ready\n')
      own.coordinator.cancel(job)
      expect((await own.ended(job)).log).toContain('ERROR: Job failed: canceled')
      await own.close()
    })

    it('a job that takes too long', async () => {
      const clock = manualClock()
      const own = harness(make(), { clock })
      const job = own.start({
        script: ['echo ready', 'sleep 1000'],
        afterScript: ['echo "after $CI_JOB_STATUS"'],
        timeout: 3600,
      })
      await own.coordinator.prints(job, 'ready\n')
      clock.runOut(3_600_000)
      const { end, log } = await own.ended(job)
      expect(end).toEqual({ state: 'failed', reason: 'job_execution_timeout', exitCode: null })
      expect(log).toContain(
        'WARNING: step_script could not run to completion because the timeout was exceeded.',
      )
      expect(section(log, 'after_script')).toContain('after timedout\n')
      expect(log).toMatch(/ERROR: Job failed: execution took longer than 1h0m0s seconds\u001b\[0;m\n$/)
      await own.close()
    })

    it('a script that takes longer than RUNNER_SCRIPT_TIMEOUT', async () => {
      const clock = manualClock()
      const own = harness(make(), { clock })
      const job = own.start({
        script: ['echo ready', 'sleep 1000'],
        afterScript: ['echo "after $CI_JOB_STATUS"'],
        variables: [variable('RUNNER_SCRIPT_TIMEOUT', '5s')],
      })
      await own.coordinator.prints(job, 'ready\n')
      clock.runOut(5_000)
      const { end, log } = await own.ended(job)
      expect(end).toEqual({ state: 'failed', reason: 'job_execution_timeout', exitCode: null })
      expect(section(log, 'after_script')).toContain('after timedout\n')
      expect(log).toMatch(/ERROR: Job failed: execution took longer than 5s seconds\u001b\[0;m\n$/)
      await own.close()
    })

    it('time limits that are not used are said', async () => {
      const { end, log } = await lab.run({
        script: ['true'],
        variables: [variable('RUNNER_SCRIPT_TIMEOUT', '2h'), variable('RUNNER_AFTER_SCRIPT_TIMEOUT', '1200')],
      })
      expect(end).toEqual({ state: 'success' })
      expect(log).toContain(
        'WARNING: RUNNER_SCRIPT_TIMEOUT timeout: 2h is longer than job timeout. Setting to job timeout\u001b',
      )
      expect(log).toContain('WARNING: Ignoring malformed RUNNER_AFTER_SCRIPT_TIMEOUT timeout: 1200\u001b')
    })

    it('a forced cancel ends everything, after_script too', async () => {
      const job = lab.start({ script: ['echo ready', 'sleep 1000'], afterScript: ['echo never'] })
      await lab.coordinator.prints(job, 'ready\n')
      lab.coordinator.cancel(job, 'force')
      const { end, log } = await lab.ended(job)
      expect(end).toEqual({ state: 'failed', reason: 'unknown_failure', exitCode: null })
      expect(log).not.toContain('never')
      expect(log).toMatch(/ERROR: Job failed: canceled\u001b\[0;m\n$/)
    })

    it('what has cleaned its environment and left its group is found by where it works', async () => {
      const { end } = await lab.run({
        script: ['setsid env -i sleep 987653 > /dev/null 2>&1 < /dev/null &', 'disown -a'],
      })
      expect(end).toEqual({ state: 'success' })
      const left = readdirSync('/proc').filter(
        (pid) => read(`/proc/${pid}/cmdline`).includes('987653') && !isDead(pid),
      )
      expect(left).toEqual([])
    })

    it('the runner stops: the job is reported, nothing of it lives', async () => {
      const own = harness(make())
      const job = own.start({ script: ['echo ready', 'sleep 1000'], afterScript: ['echo never'] })
      await own.coordinator.prints(job, 'ready\n')
      await own.runner.stop()
      const { end, log } = await own.ended(job)
      expect(end).toEqual({ state: 'failed', reason: 'runner_system_failure', exitCode: null })
      expect(log).toMatch(/ERROR: Job failed \(system failure\): aborted: terminated\u001b\[0;m\n$/)
      expect(log).not.toContain('never')
      expect(sleepers(own.folder)).toEqual([])
      expect(existsSync(join(own.folder, 'scratch'))).toBe(true)
      expect(readdirSync(join(own.folder, 'scratch'))).toEqual([])
      await own.close()
    })
  })

  describe('output', () => {
    it('is kept byte for byte: binary, without newlines, without a last newline', async () => {
      const script = [
        'for i in 0 1 2 3 4 5 6 7; do for j in 0 1 2 3 4 5 6 7; do for k in 0 1 2 3; do printf "\\\\$k$i$j"; done; done; done',
      ]
      const { payload } = await lab.run({ script })
      const expected = Buffer.from(
        [...Array(8).keys()].flatMap((i) =>
          [...Array(8).keys()].flatMap((j) => [0, 1, 2, 3].map((k) => k * 64 + i * 8 + j)),
        ),
      )
      const bytes = lab.coordinator.traceBytes(payload)
      const at = bytes.indexOf('\u001b[0;m\n', bytes.indexOf('$ for i')) + 6
      expect(bytes.subarray(at, at + 256)).toEqual(expected)
      expect(bytes.subarray(at + 256, at + 268).toString()).toBe('section_end:')
    })

    it('masked values do not reach the disk, however they are written', async () => {
      const variables = [
        variable('TOKEN', 'hunter2hunter2', { masked: true }),
        variable('BASED', '$TOKEN-x', { masked: true }),
      ]
      const script = [
        'echo "$TOKEN"',
        'printf hunter2; sleep 0.05; printf hunter2',
        'printf %s "$TOKEN" | base64',
        'echo hunter2hunter2',
      ]
      const { payload } = await lab.run({ script, variables })
      const log = lab.coordinator.trace(payload)
      expect(log).not.toContain('hunter2hunter2')
      expect(log).not.toContain('aHVudGVyMmh1bnRlcjI')
      expect(log).toContain('$ echo [MASKED]')
    })

    it('a line of a megabyte comes whole', async () => {
      const { payload } = await lab.run({ script: ['head -c 1048576 /dev/zero | tr "\\0" y; echo'] })
      expect(lab.coordinator.trace(payload)).toContain(`${'y'.repeat(1_048_576)}\n`)
    })

    it('a log without end is cut, and the job can be cancelled', async () => {
      const own = harness(make(), { logLimit: 100_000 })
      const job = own.start({ script: ['yes'] })
      await own.coordinator.prints(job, "Job's log exceeded limit of 100000 bytes.")
      own.coordinator.cancel(job)
      const { end, log } = await own.ended(job)
      expect(end).toMatchObject({ state: 'failed' })
      expect(log.length).toBeLessThan(100_200)
      await own.close()
    })

    it('two megabytes come whole', async () => {
      const { payload } = await lab.run({ script: ['head -c 2000000 /dev/zero | tr "\\0" x'] })
      expect(lab.coordinator.trace(payload).split('x').length - 1).toBeGreaterThanOrEqual(2_000_000)
    })
  })

  describe('a job that destroys its place', () => {
    it.each([
      ['its workspace', ['cd /; find "$CI_PROJECT_DIR" -mindepth 1 -delete; echo gone']],
      ['the folder itself', ['cd /; rm -rf "$CI_PROJECT_DIR" || true; echo gone']],
      [
        'its temporary files',
        ['rm -rf "$RUNNER_TEMP_PROJECT_DIR" "$TMPDIR" "$HOME/none" 2>/dev/null || true; echo gone'],
      ],
      ['git', ['rm -rf .git; mkdir -p .git/objects; echo x > .git/HEAD; echo gone']],
    ])('%s: it ends, and the next one has everything', async (_, script) => {
      const first = await lab.run({ script, afterScript: ['echo after'] })
      expect(first.log).toContain('gone\n')
      expect(first.log).toMatch(/Job (succeeded|failed)/)
      const { end, output: shown } = await lab.run({ script: ['cat README.md; git status --short'] })
      expect(end).toEqual({ state: 'success' })
      expect(printed(shown)).toBe('hello\n')
    })

    it('all workspaces vanish under a running job: it fails or ends, and the next one runs', async () => {
      const own = harness(make())
      const job = own.start({
        script: ['echo ready', 'while [ -e README.md ]; do sleep 0.01; done'],
        artifacts: { paths: ['out'] },
      })
      await own.coordinator.prints(job, 'ready\n')
      rmSync(join(own.folder, 'builds'), { recursive: true, force: true })
      const { end, log } = await own.ended(job)
      expect(end).toEqual({ state: 'failed', reason: 'script_failure', exitCode: 1 })
      expect(log).toMatch(/bash: cd: \S+: No such file or directory\n/)
      const next = await own.run({ script: ['cat README.md'] })
      expect(next.end).toEqual({ state: 'success' })
      await own.close()
    })
  })

  it('reports what runs and how it is isolated', async () => {
    const executor = make()
    const job = lab.start({ script: ['true'] })
    const started = await lab.coordinator.started(job)
    expect(started).toMatchObject({
      state: 'running',
      isolation: executor.isolation,
      pidStart: expect.stringMatching(/^\d+$/),
      bootId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    const { log } = await lab.ended(job)
    expect(log).toContain(`Isolation: ${executor.isolation}`)
  })

  it('the job sees 0, 1 and 2 and no other descriptor', async () => {
    const script = [
      'for ((fd = 0; fd < 100; fd++)); do if [ -L /proc/$BASHPID/fd/$fd ]; then echo $fd; fi; done',
    ]
    expect(await output(script)).toBe('0\n1\n2\n')
  })
}

/** Command lines of the sleeps whose working folder lies below a folder, or that were started in a sandbox that shows it. */
function sleepers(folder: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes('sleep\u00001000') && !isDead(pid))
    .filter(
      (pid) =>
        read(`/proc/${pid}/mountinfo`).includes(folder) || read(`/proc/${pid}/environ`).includes(folder),
    )
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function isDead(pid: string): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
}
