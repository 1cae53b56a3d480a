import { expect, it } from 'vitest'
import { makeRepository } from '../support/git.ts'
import { makeHome, sluice, startSluice } from '../support/sluice.ts'

const CI = `
stages: [build, test, deploy]
compile: { stage: build, script: [ 'echo "for $WHO"', 'test "$OK" = yes' ], artifacts: { paths: [made], when: always }, before_script: 'echo built > made' }
unit: { stage: test, script: cat made }
deploy: { stage: deploy, when: manual, script: 'echo to $TARGET; cat made' }
`
const SHELL = ['--executor', 'shell']

it('goes on with a pipeline of `sluice run`: retries, plays, and ends with its exit code', async () => {
  const home = makeHome()
  const { root } = makeRepository({ files: { '.gitlab-ci.yml': CI } })
  const inside = { cwd: root }
  expect((await sluice(home, ['run', ...SHELL], inside)).code).toBe(1)

  const same = await sluice(home, ['retry', '1', ...SHELL], inside)
  expect(same.code).toBe(1)
  const retried = await sluice(
    home,
    ['retry', '4', '--variable', 'OK=yes', '--variable', 'WHO=you', ...SHELL],
    inside,
  )
  expect(retried.stdout).toMatch(/^compile +> for you$/m)
  expect(retried.stdout).toMatch(/^unit +> built$/m)
  expect(retried.stdout).toMatch(/ MANUAL +deploy /)
  expect(retried.stdout).toMatch(/^pipeline passed in .* · 2 passed, 1 manual · /m)
  expect(retried.code).toBe(0)

  const played = await sluice(home, ['play', '3', '--variable', 'TARGET=moon', '--json', ...SHELL], inside)
  expect(played.code).toBe(0)
  const records = played.stdout
    .trim()
    .split('\n')
    .map((line): { type: string } => JSON.parse(line))
  expect(records.map(({ type }) => type)).toEqual([
    'pipeline.created',
    'job.started',
    'job.finished',
    'pipeline.finished',
  ])
  const log = await sluice(home, ['logs', 'deploy', '--tail', '4'], inside)
  expect(log.stdout).toMatch(/to moon\nbuilt\nCleaning up/)

  const again = await sluice(home, ['retry', '--pipeline', '1', ...SHELL], inside)
  expect(again.stdout).toMatch(/^pipeline passed in /m)
})

it('says what cannot be done, and what is not there', async () => {
  const home = makeHome()
  const { root } = makeRepository({ files: { '.gitlab-ci.yml': 'unit: { script: "true" }\n' } })
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await sluice(home, args, { cwd: root })
    expect(code).toBe(2)
    return stderr
  }
  expect(await refusal('retry', '1')).toContain('nothing has run here yet')
  await sluice(home, ['run', ...SHELL], { cwd: root })
  expect(await refusal('retry', '9')).toMatch(/^error: there is no job 9 in /)
  expect(await refusal('cancel', '--pipeline', '9')).toMatch(/^error: there is no pipeline 9 in /)
  expect(await refusal('play', '1')).toBe('error: job 1 starts by itself: it is neither manual nor delayed\n')
  expect(await refusal('cancel', '1')).toBe('error: job 1 cannot be canceled: it is success\n')
  expect(await refusal('retry', 'unit')).toContain('Write a whole number of at least 1.')
})

it('changes the pipeline of a run that is alive, which goes on with it', async () => {
  const home = makeHome()
  const ci =
    'slow: { script: [ "echo begun", "sleep 600" ], after_script: [ "echo tidied" ] }\nquick: { script: "exit 1" }\n'
  const { root } = makeRepository({ files: { '.gitlab-ci.yml': ci } })
  const run = startSluice(home, ['run', ...SHELL], { cwd: root })
  await run.says(/slow +> begun/)
  await run.says(/quick +finished .* FAIL 1/)
  const retry = startSluice(home, ['retry', '2', ...SHELL], { cwd: root })
  await retry.says(/pipeline 1 is run by process \d+, which goes on with it/)
  await run.says(/quick +finished [^]*quick +finished .* FAIL 1/)
  const canceled = await sluice(home, ['cancel', '1'], { cwd: root })
  expect(canceled).toEqual({ code: 0, stdout: 'job 1: Canceling\n', stderr: '' })
  const ended = await run.ended
  expect(ended.stdout).toMatch(/slow +> tidied\n/)
  expect(ended.stdout).toMatch(/ CANCELED .* slow\n/)
  expect(ended.code).toBe(1)
  expect((await retry.ended).code).toBe(1)
})

it('follows the log of a run that is alive', async () => {
  const home = makeHome()
  const ci = 'slow: { script: [ "echo begun", "while [ ! -e $GATE ]; do sleep 0.05; done", "echo over" ] }\n'
  const { root } = makeRepository({ files: { '.gitlab-ci.yml': ci } })
  const gate = `${home.folder}/gate`
  const run = startSluice(home, ['run', '--variable', `GATE=${gate}`, ...SHELL], { cwd: root })
  await run.says(/slow +> begun/)
  const log = startSluice(home, ['logs', 'slow', '--follow', '--tail', '2'], { cwd: root })
  await log.says(/begun\n/)
  expect(log.output()).not.toContain('over\n')
  await sluice(home, ['cancel', '1', '--json'], { cwd: root })
  expect((await log.ended).stdout).toContain('ERROR: Job failed: canceled')
  expect((await run.ended).code).toBe(1)
})
