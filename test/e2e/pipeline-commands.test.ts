import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { daemonForFile } from '../support/daemon.ts'
import { startSluice } from '../support/sluice.ts'

const CI = `
stages: [build, test, deploy]
compile: { stage: build, script: [ 'echo "one $WHO"', 'while [ -n "$GATE" ] && [ ! -e "$GATE" ]; do sleep 0.05; done', 'echo two' ] }
unit: { stage: test, script: [ 'echo unit of $WHO', 'test "$FAIL" != yes' ] }
audit: { stage: test, script: exit 3, allow_failure: true }
child: { stage: test, trigger: { include: child.yml, strategy: depend } }
deploy: { stage: deploy, when: manual, script: 'echo to $TARGET' }
`
const daemon = daemonForFile({ '.gitlab-ci.yml': CI, 'child.yml': 'inner: { script: echo inner }\n' })

interface Made {
  readonly pipeline: { readonly id: number; readonly status: string }
  readonly jobs: readonly { readonly id: number; readonly name: string; readonly status: string }[]
}

async function made(...args: string[]): Promise<Made> {
  return (await daemon.json('pipeline', 'run', ...args)) as unknown as Made
}

const jobOf = ({ jobs }: Made, name: string): string => String(jobs.find((job) => job.name === name)?.id)

it('makes a pipeline, waits for it, and shows it in every way', async () => {
  const { pipeline, jobs } = await made('--wait', '--ref', 'main', '--variable', 'WHO=me')
  expect(pipeline.status).toBe('success')
  expect(jobs.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'compile success',
    'unit success',
    'audit failed',
    'child success',
    'deploy manual',
  ])
  const list = await daemon.run('pipeline', 'list', '--status', 'success', '--source', 'api', '-n', '5')
  expect(list.stdout).toMatch(
    new RegExp(`^ID +STATUS +REF +COMMIT +SOURCE +CREATED\\n${pipeline.id} +Passed +main `),
  )

  const status = await daemon.run('status', 'main')
  expect(status.stdout).toMatch(new RegExp(`^pipeline ${pipeline.id} · main@[0-9a-f]{8} · api · Passed`))
  expect(status.stdout).toMatch(
    /\ntest\n {2}Passed +[\d.]+ s +unit +#\d+\n {2}Warning +[\d.]+ s +audit +#\d+\n/,
  )
  expect(status.stdout).toMatch(/\n {2}Passed +[\d.]+ s +child +#\d+ {2}-> pipeline \d+ Passed\n/)
  expect(status.stdout).toMatch(/\ndeploy\n {2}Manual +deploy +#\d+\n/)
  const compact = await daemon.run('status', '--compact')
  expect(compact.stdout).toMatch(/· 3 passed, 1 warning, 1 manual\n$/)
  expect(await daemon.json('status')).toMatchObject({ schema: 1, pipeline: { id: pipeline.id } })

  const view = await daemon.run('view', String(pipeline.id))
  expect(view.stdout).toMatch(
    /\n {4}pipeline \d+ · main@[0-9a-f]{8} · parent_pipeline · Passed.*\n {4}test\n {6}Passed .* inner /,
  )
  expect(await daemon.json('view', 'main')).toMatchObject({
    schema: 1,
    pipeline: { id: pipeline.id },
    downstream: [{ pipeline: { source: 'parent_pipeline' }, jobs: [{ name: 'inner' }], downstream: [] }],
  })
})

it('has no pipeline of a ref that has none, and none of an unknown number', async () => {
  expect(await daemon.run('status', 'other')).toMatchObject({
    code: 2,
    stderr: 'error: there is no pipeline of other yet\n  make one: sluice pipeline run --ref other\n',
  })
  expect(await daemon.run('view', '4711')).toMatchObject({
    code: 2,
    stderr: 'error: there is no pipeline 4711 in this project\n',
  })
  expect(await daemon.run('pipeline', 'run', '--ref', 'other')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('Reference not found'),
  })
})

it('follows a pipeline and a log until both have ended', async () => {
  const gate = join(daemon.home.folder, 'gate')
  const { pipeline } = await made(
    '--variable',
    'WHO=you',
    '--variable',
    `GATE=${gate}`,
    '--variable',
    'FAIL=yes',
  )
  const log = startSluice(daemon.home, ['logs', 'compile', '--follow', '--project', '9'], {
    cwd: daemon.project,
  })
  const live = startSluice(daemon.home, ['status', '--live'], { cwd: daemon.project })
  await log.says(/one you\n/)
  // It prints what changes from its first look on, which ends with this question.
  await daemon.says(new RegExp(`/pipelines/${pipeline.id}/bridges`))
  expect(log.output()).not.toContain('two\n')
  writeFileSync(gate, '')
  const ended = await log.ended
  expect(ended.code).toBe(0)
  expect(ended.stdout).toMatch(/\none you\n[^]*\ntwo\n[^]*Job succeeded\n$/)
  const status = await live.ended
  expect(status.stdout).toMatch(new RegExp(`^Failed {2}unit$`, 'm'))
  expect(status.stdout).toContain(`pipeline ${pipeline.id} · `)
  expect(status.code).toBe(1)

  const tail = await daemon.run('logs', 'unit', '--project', '9', '--tail', '1')
  expect(tail.stdout).toBe('ERROR: Job failed: exit status 1\n')
  const failed = await daemon.run('logs', '--failed', '--url', daemon.url(), '--tail', '1')
  expect(failed.stdout).toMatch(
    /^== unit \(job \d+\)\n.*exit status 1\n== audit \(job \d+\)\n.*exit status 3\n$/,
  )
  expect((await daemon.run('logs', 'unti', '--project', '9')).stderr).toBe(
    'error: no job "unti" in its newest pipelines\n  "unit" is close\n',
  )
})

it('plays, retries and cancels jobs and pipelines by their numbers', async () => {
  const all = await made('--wait', '--variable', 'FAIL=yes')
  expect(all.pipeline.status).toBe('failed')
  const retried = await daemon.run('retry', jobOf(all, 'unit'), '--variable', 'FAIL=no', '--wait')
  expect(retried).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pipeline \d+ .* · Passed/) })
  const again = (await daemon.json('status')) as unknown as Made
  // The new attempt stands where the first one did.
  expect(again.jobs.map(({ name }) => name)).toEqual(['compile', 'unit', 'audit', 'child', 'deploy'])

  const played = await daemon.json('play', jobOf(again, 'deploy'), '--variable', 'TARGET=moon', '--wait')
  expect(played).toMatchObject({ schema: 1, pipeline: { status: 'success' } })
  expect((await daemon.run('logs', 'deploy', '--project', '9')).stdout).toContain('to moon\n')
  expect(await daemon.run('play', jobOf(again, 'compile'))).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('Unplayable Job'),
  })
  expect(await daemon.run('retry', '--pipeline', String(all.pipeline.id))).toMatchObject({ code: 0 })
  expect(await daemon.run('retry', '471100')).toMatchObject({
    code: 2,
    stderr: `error: ${daemon.url()} has no job 471100\n`,
  })
})

it('cancels what runs', async () => {
  const gate = join(daemon.home.folder, 'never')
  const { pipeline } = await made('--variable', `GATE=${gate}`)
  const status = startSluice(daemon.home, ['logs', 'compile', '-f', '--project', '9'], {
    cwd: daemon.project,
  })
  await status.says(/\none \n/)
  const canceled = await daemon.run('cancel', '--pipeline', String(pipeline.id))
  expect(canceled).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^pipeline \d+ is (asked to end|canceled)/),
  })
  expect((await status.ended).stdout).toContain('ERROR: Job failed: canceled')
  expect(existsSync(gate)).toBe(false)
  expect((await daemon.run('cancel', '--pipeline', String(pipeline.id))).stdout).toBe(
    `pipeline ${pipeline.id} is canceled\n`,
  )
  expect(await daemon.json('pipeline', 'delete', String(pipeline.id))).toEqual({
    schema: 1,
    deleted: pipeline.id,
  })
  expect((await daemon.run('view', String(pipeline.id))).code).toBe(2)
})

it("guesses nothing where a number may be a run's or the daemon's", async () => {
  const run = await daemon.run('run', 'unit', '--executor', 'shell', '--json')
  expect(run.code).toBe(0)
  const { jobs } = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as Made
  const id = jobs[0]?.id ?? 0
  const unclear = await daemon.run('retry', String(id))
  expect(unclear.code).toBe(2)
  expect(unclear.stderr).toContain(
    `job ${id} may be one of \`sluice run\` here or one of the daemon at ${daemon.url()}`,
  )
  const state = /--state (\S+)/.exec(unclear.stderr)?.[1] ?? ''
  const retried = await daemon.run('retry', String(id), '--state', state, '--executor', 'shell')
  expect(retried).toMatchObject({ code: 0, stdout: expect.stringMatching(/unit +finished in .* PASS/) })
})
