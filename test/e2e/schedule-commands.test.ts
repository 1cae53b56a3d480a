import { expect, it } from 'vitest'
import { daemonForFile } from '../support/daemon.ts'

const daemon = daemonForFile({ '.gitlab-ci.yml': 'unit: { script: echo }\n' })

it('makes, shows, pauses, plays and deletes a schedule', async () => {
  expect((await daemon.run('schedule', 'list')).stdout).toMatch(/^no schedules; make one: /)
  const made = await daemon.run(
    'schedule',
    'create',
    '0 4 1 1 *',
    '--ref=main',
    '--description=new year',
    '--timezone=Berlin',
    '--missed=skip',
    '--variable=A=1',
    '--variable=B=x=y',
  )
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^schedule 1, next run \d{4}-01-01T03:00:00\.000Z\n$/),
  })
  expect((await daemon.run('schedule', 'list')).stdout).toMatch(
    /\n1 +new year +0 4 1 1 \* +Berlin +main +\d{4}-01-01T03:00:00\.000Z +root\n$/,
  )
  expect((await daemon.run('schedule', 'pause', '1')).stdout).toBe('schedule 1 is paused\n')
  expect((await daemon.run('schedule', 'list')).stdout).toMatch(/ main +paused +root\n$/)
  expect((await daemon.run('schedule', 'resume', '1')).stdout).toBe('schedule 1 is active\n')
  expect((await daemon.run('schedule', 'run', '1')).stdout).toBe('schedule 1 runs now\n')
  await daemon.says(/"status":"success"/)
  expect(await daemon.json('schedule', 'list')).toMatchObject({ schema: 1, schedules: [{ id: 1 }] })
  expect((await daemon.run('schedule', 'delete', '1')).stdout).toBe('schedule 1 is deleted\n')
  expect((await daemon.run('schedule', 'delete', '1')).code).toBe(5)
})

it('prints the schedule whole, its variables too', async () => {
  const made = await daemon.json(
    'schedule',
    'create',
    '0 4 1 1 *',
    '--ref=main',
    '--description=d',
    '--variable=A=1',
    '--inactive',
  )
  expect(made).toMatchObject({
    schema: 1,
    schedule: {
      active: false,
      missed: 'once',
      variables: [{ variable_type: 'env_var', key: 'A', value: '1', raw: false }],
    },
  })
})

it('prints JSON with a schema of every command', async () => {
  const made = await daemon.run('schedule', 'create', '0 4 1 1 *', '--ref=main', '--description=d')
  const id = /\d+/.exec(made.stdout)?.[0] ?? ''
  const schedule = { id: Number(id), active: false }
  expect(await daemon.json('schedule', 'pause', id)).toMatchObject({ schema: 1, schedule })
  expect(await daemon.json('schedule', 'resume', id)).toMatchObject({
    schema: 1,
    schedule: { ...schedule, active: true },
  })
  expect(await daemon.json('schedule', 'run', id)).toEqual({ schema: 1, played: Number(id) })
  expect(await daemon.json('schedule', 'delete', id)).toEqual({ schema: 1, deleted: Number(id) })
})

it.each([
  [['0 25 * * *'], 'error: cron is invalid syntax'],
  [['0 4 * * *', '--timezone', 'berlin'], 'did you mean Berlin?'],
  [['0 4 * * *', '--variable', 'A=1', '--variable', 'A-B=1'], "can contain only letters, digits and '_'."],
])('makes nothing of %j', async (wrong, message) => {
  const before = await daemon.json('schedule', 'list')
  const refused = await daemon.run('schedule', 'create', ...wrong, '--ref', 'main', '--description', 'd')
  expect(refused).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining(message) })
  expect(await daemon.json('schedule', 'list')).toEqual(before)
})
