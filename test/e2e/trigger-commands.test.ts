import { expect, it } from 'vitest'
import { daemonForFile, TRIGGER_TOKEN } from '../support/daemon.ts'

const CI = `
unit: { script: [ 'echo "hello $GREETED"', 'test "$FAIL" != yes' ] }
`
const NEXT_MONTH = new Date(Date.now() + 30 * 24 * 3600_000).toISOString().slice(0, 10)
const daemon = daemonForFile({ '.gitlab-ci.yml': CI })

it('makes a token that works, lists it short, and revokes it for good', async () => {
  const made = await daemon.run('trigger', 'create', '--description', 'nightly', '--expires-at', NEXT_MONTH)
  expect(made.stderr).toMatch(/^trigger \d+ of root; its token:\n$/)
  expect(made.stdout).toMatch(/^glptt-[A-Za-z0-9_-]+\n$/)
  const token = made.stdout.trim()
  const id = /trigger (\d+)/.exec(made.stderr)?.[1] ?? ''

  const listed = await daemon.run('trigger', 'list')
  expect(listed.stdout).toMatch(/^ID +TOKEN +DESCRIPTION +OWNER +LAST USED +EXPIRES +DECLARED\n/)
  expect(listed.stdout).toMatch(/\n1 +1234 +release bot +root +(never|just now) +\S+runner\.config\.yaml:9\n/)
  expect(listed.stdout).toMatch(
    new RegExp(`\\n${id} +${token.slice(6, 10)} +nightly +root +never +${NEXT_MONTH}\\n`),
  )
  expect(listed.stdout).not.toContain(token)
  const whole = await daemon.json('trigger', 'list', '--show-tokens')
  expect(whole).toMatchObject({
    schema: 1,
    triggers: expect.arrayContaining([expect.objectContaining({ token })]),
  })

  expect((await daemon.run('trigger', 'run', '-t', token, '-b', 'main')).code).toBe(0)
  expect(await daemon.json('trigger', 'revoke', id)).toEqual({ schema: 1, revoked: Number(id) })
  const refused = await daemon.run('trigger', 'run', '-t', token, '-b', 'main')
  expect(refused.code).toBe(5)
  expect(refused.stderr).toMatch(/^error: 404 Not Found /)
  expect((await daemon.run('trigger', 'revoke', id)).code).toBe(5)
})

it('makes a token that some refs only may use', async () => {
  const made = await daemon.json('trigger', 'create', '--description', 'deploys', '--allow-ref', 'release/*')
  expect(made).toMatchObject({ schema: 1, trigger: { description: 'deploys', allowed_refs: ['release/*'] } })
})

it('runs a pipeline as glab does, and waits for its end', async () => {
  const words = ['trigger', 'run', '-t', TRIGGER_TOKEN, '-b', 'main', '--variables', 'GREETED:you,A:b,c']
  const passed = await daemon.run(...words, '--wait')
  expect(passed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^pipeline \d+ Passed: http:\S+\n$/),
  })
  const id = Number(/pipeline (\d+)/.exec(passed.stdout)?.[1])
  expect((await daemon.run('logs', 'unit', '--project', '9', '--pipeline', String(id))).stdout).toContain(
    'hello you\n',
  )

  const failed = await daemon.run(...words, '--variable', 'FAIL=yes', '--wait')
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^pipeline \d+ Failed: /) })
  expect(await daemon.run(...words, '--variables', 'nonsense')).toMatchObject({ code: 2 })
})

it('says what would run', async () => {
  const plan = await daemon.run('trigger', 'run', '-t', TRIGGER_TOKEN, '-b', 'main', '--dry-run')
  expect(plan).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^would run on main:\n {2}test: unit/),
  })
})

it('needs an address, a project and a trigger token, and no access token', async () => {
  const elsewhere = { cwd: daemon.home.folder, env: { XDG_STATE_HOME: `${daemon.home.folder}/other` } }
  const words = ['trigger', 'run', '--url', daemon.url(), '-b', 'main']
  const made = await daemon.runWith(elsewhere, ...words, '--project', 'group/app', '-t', TRIGGER_TOKEN)
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pipeline \d+ of main: http:/) })
  expect((await daemon.runWith(elsewhere, ...words, '-t', TRIGGER_TOKEN)).stderr).toContain('which project?')
  const unnamed = await daemon.runWith(elsewhere, ...words, '--project', '9')
  expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('which token?') })
  const listed = await daemon.runWith(elsewhere, 'trigger', 'list', '--url', daemon.url())
  expect(listed.stderr).toContain(`there is no token for ${daemon.url()}`)
})

it('logs every request with the true reason, and sends one again', async () => {
  await daemon.run('trigger', 'run', '-t', 'glptt-unknown', '-b', 'main')
  const refused = await daemon.run('trigger', 'log', '--only', 'refused', '-n', '1')
  expect(refused.stdout).toMatch(/404 +\S* +main +127\.0\.0\.1 +json +no trigger has this token/)
  expect(refused.stdout.split('\n')).toHaveLength(3)

  await daemon.run('trigger', 'run', '-t', TRIGGER_TOKEN, '-b', 'main', '--variable', 'GREETED=again')
  const { requests } = await daemon.json('trigger', 'log', '--only', 'accepted', '-n', '1')
  const [request] = requests as { id: number; pipeline: { id: number } }[]
  const shown = await daemon.run('trigger', 'log', String(request?.id))
  expect(shown.stdout).toMatch(/^variables +GREETED$/m)
  expect(shown.stdout).toContain(`again: sluice trigger log --replay ${request?.id}\n`)
  expect(shown.stdout).not.toContain('again\n')
  const replayed = await daemon.json('trigger', 'log', '--replay', String(request?.id))
  expect(replayed).toMatchObject({ schema: 1, pipeline: { ref: 'main', source: 'trigger' } })
  expect((replayed['pipeline'] as { id: number }).id).toBeGreaterThan(request?.pipeline.id ?? 0)
})
