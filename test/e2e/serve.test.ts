import { execFile } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeRepository, temporaryFolder, writeFiles, type Files } from '../support/git.ts'
import { makeHome, sluice, startSluice, type Home, type Running } from '../support/sluice.ts'

const run = promisify(execFile)

interface Installation {
  readonly home: Home
  readonly config: string
  readonly state: string
  /** The served repository, or the plain folder. */
  readonly project: string
}

const CI = 'unit:\n  script:\n    - echo "hello $GREETED"\n'

function install(
  setup: {
    readonly ci?: string
    readonly files?: Files
    readonly plainFolder?: boolean
    readonly more?: string
  } = {},
): Installation {
  const home = makeHome()
  const folder = temporaryFolder()
  const project = join(folder, 'app')
  const files = { '.gitlab-ci.yml': setup.ci ?? CI, ...setup.files }
  if (setup.plainFolder) writeFiles(project, files)
  else makeRepository({ folder: project, files })
  const config = join(folder, 'runner.config.yaml')
  writeFileSync(
    config,
    `${setup.more ?? ''}\nprojects:\n  - id: 9\n    name: group/app\n    path: app\n    default_branch: main\n    triggers:\n      - { description: release bot, token: glptt-1234567890abcdef, owner: root }\n`,
  )
  return { home, config, state: join(folder, 'state'), project }
}

interface Serving {
  readonly daemon: Running
  readonly url: string
  get(path: string): Promise<Response>
  trigger(...forms: string[]): Promise<{ readonly id: number; readonly status: string }>
  /** Resolves when the pipeline is in this state. */
  reaches(pipelineId: number, status: string): Promise<void>
}

async function serve({ home, config, state }: Installation, ...more: string[]): Promise<Serving> {
  const daemon = startSluice(home, [
    'serve',
    '--config',
    config,
    '--state',
    state,
    '--listen',
    '127.0.0.1:0',
    ...more,
  ])
  const [, url = ''] = await daemon.says(/(http:\/\/127\.0\.0\.1:\d+)\/\n/)
  const token = readFileSync(join(state, 'access-token'), 'utf8').trim()
  const get = (path: string): Promise<Response> =>
    fetch(`${url}/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': token } })
  return {
    daemon,
    url,
    get,
    async trigger(...forms) {
      const fields = ['token=glptt-1234567890abcdef', 'ref=main', ...forms].flatMap((field) => [
        '--form',
        field,
      ])
      const { stdout } = await run('curl', [
        '-sS',
        '--noproxy',
        '*',
        '--request',
        'POST',
        ...fields,
        `${url}/api/v4/projects/9/trigger/pipeline`,
      ])
      return JSON.parse(stdout)
    },
    // The log's lines come with every change: each is a reason to look, none is believed.
    async reaches(pipelineId, status) {
      await daemon.says(new RegExp(String.raw`"pipeline_id":${pipelineId},"status":"${status}"`))
      const answer: { status?: unknown } = await (await get(`/projects/9/pipelines/${pipelineId}`)).json()
      expect(answer.status).toBe(status)
    },
  }
}

async function jobsOf(serving: Serving, pipelineId: number): Promise<Record<string, unknown>[]> {
  return (await serving.get(`/projects/9/pipelines/${pipelineId}/jobs`)).json() as Promise<
    Record<string, unknown>[]
  >
}

describe('sluice serve', () => {
  it('takes a trigger and runs its pipeline', async () => {
    const installation = install()
    const serving = await serve(installation)
    const { id, status } = await serving.trigger('variables[GREETED]=world')
    expect(status).toBe('created')
    await serving.reaches(id, 'success')
    const [job] = await jobsOf(serving, id)
    expect(await (await serving.get(`/projects/9/jobs/${String(job?.['id'])}/trace`)).text()).toContain(
      'hello world\n',
    )
    const shown = await sluice(installation.home, [
      'show',
      String(id),
      '--state',
      installation.state,
      '--json',
    ])
    expect(JSON.parse(shown.stdout)).toMatchObject({
      source: 'trigger',
      trigger: { description: 'release bot', short_token: '1234' },
      form: 'multipart',
      user_agent: expect.stringMatching(/^curl\//),
      variables: expect.arrayContaining([{ key: 'GREETED', value: 'world', origin: 'trigger' }]),
    })
  })

  it('serves a plain folder as it is at each trigger', async () => {
    const installation = install({ plainFolder: true })
    const serving = await serve(installation)
    await serving.reaches((await serving.trigger()).id, 'success')
    writeFiles(installation.project, { '.gitlab-ci.yml': 'changed:\n  script: exit 1\n' })
    const { id } = await serving.trigger()
    await serving.reaches(id, 'failed')
    expect((await jobsOf(serving, id)).map(({ name }) => name)).toEqual(['changed'])
  })

  it('makes an access token once, readable by its owner only', async () => {
    const installation = install()
    const file = join(installation.state, 'access-token')
    const first = await serve(installation)
    expect(first.daemon.output()).toContain(`${file}   made now`)
    const token = readFileSync(file, 'utf8')
    expect(token).toMatch(/^glpat-[A-Za-z0-9_-]{20}\n$/)
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect((statSync(installation.state).mode & 0o777).toString(8)).toBe('700')
    expect((await first.get('/projects/9')).status).toBe(200)
    first.daemon.signal('SIGTERM')
    expect((await first.daemon.ended).code).toBe(0)
    const second = await serve(installation)
    expect(readFileSync(file, 'utf8')).toBe(token)
    expect(second.daemon.output()).not.toContain('made now')
    expect((await second.get('/projects/9')).status).toBe(200)
  })

  it('prints a link that logs a browser in once', async () => {
    const { daemon, url } = await serve(install())
    const [, link = ''] = await daemon.says(/Login +(\S+)/)
    expect(link.startsWith(`${url}/`)).toBe(true)
    const first = await fetch(link, { redirect: 'manual' })
    expect(first.headers.get('set-cookie')).toBeTruthy()
    const second = await fetch(link, { redirect: 'manual' })
    expect(second.headers.get('set-cookie')).toBeNull()
  })

  it('ends running jobs with grace at SIGTERM, leaves true rows, and exits with 0', async () => {
    const installation = install({
      ci: 'wait:\n  script:\n    - trap "echo cleaned up; exit 1" TERM\n    - echo begun\n    - sleep 1000 & wait\n',
    })
    const serving = await serve(installation)
    const { id } = await serving.trigger()
    await begun(serving, id)
    serving.daemon.signal('SIGTERM')
    expect((await serving.daemon.ended).code).toBe(0)
    const again = await serve(installation)
    const [job] = await jobsOf(again, id)
    expect(job?.['status']).toMatch(/^(failed|canceled)$/)
  })

  it('goes on after kill -9: nothing is lost, nothing runs twice', async () => {
    const marks = temporaryFolder()
    const ci = `stages: [one, two]\nfirst:\n  stage: one\n  script:\n    - echo "$CI_JOB_ID" >> "$MARKS/first"\n    - echo begun\n    - sleep 1000\nsecond:\n  stage: two\n  when: always\n  script: echo "$CI_JOB_ID" >> "$MARKS/second"\n`
    const installation = install({ ci, more: 'executor: shell' })
    const serving = await serve(installation)
    const { id } = await serving.trigger(`variables[MARKS]=${marks}`)
    await begun(serving, id)
    const late = await serving.trigger(`variables[MARKS]=${marks}`, 'variables[LATE]=1')
    serving.daemon.signal('SIGKILL')
    await serving.daemon.ended

    const again = await serve(installation)
    await again.reaches(id, 'failed')
    const jobs = await jobsOf(again, id)
    expect(jobs.map(({ name, status, failure_reason }) => ({ name, status, failure_reason }))).toEqual(
      expect.arrayContaining([
        { name: 'first', status: 'failed', failure_reason: 'runner_system_failure' },
        expect.objectContaining({ name: 'second', status: 'success' }),
      ]),
    )
    const first = jobs.find(({ name }) => name === 'first')
    expect(
      readFileSync(join(marks, 'first'), 'utf8')
        .split('\n')
        .filter((line) => line === String(first?.['id'])),
    ).toHaveLength(1)
    expect((await again.get(`/projects/9/pipelines/${late.id}`)).status).toBe(200)
  })

  it('does not share its state folder', async () => {
    const installation = install()
    const { daemon } = await serve(installation)
    const other = await sluice(installation.home, [
      'serve',
      '--config',
      installation.config,
      '--state',
      installation.state,
      '--listen',
      '127.0.0.1:0',
    ])
    expect(other).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`is served already, by process ${daemon.pid}`),
    })
  })

  it('names who has the port', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const { home, config, state } = install()
    const { code, stdout, stderr } = await sluice(home, [
      'serve',
      '--config',
      config,
      '--state',
      state,
      '--listen',
      address,
    ])
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' })
    expect(stderr).toContain(`${address} is taken by process ${process.pid} (`)
  })

  it('shows mistakes of its configuration in their place', async () => {
    const { home, config } = install({ more: 'executer: shell' })
    const { code, stdout, stderr } = await sluice(home, ['serve', '--config', config])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`${config}:1:1`)
    expect(stderr).toContain('executor')
  })

  it('needs a state folder that can be written', async () => {
    const { home, config } = install()
    const answer = await sluice(home, ['serve', '--config', config, '--state', join(config, 'state')])
    expect(answer).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining(`the state folder ${config}/state cannot be used`),
    })
  })

  it('needs a configuration', async () => {
    const home = makeHome()
    expect(await sluice(home, ['serve'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('runner.config.yaml does not exist'),
    })
  })

  it('says what it exposes when it listens beyond this machine', async () => {
    const { home, config, state } = install({ more: 'executor: shell' })
    const daemon = startSluice(home, ['serve', '--config', config, '--state', state, '--listen', '0.0.0.0:0'])
    await daemon.says(/http:\/\/0\.0\.0\.0:\d+/)
    const [warning] = await daemon.says(/^.*can be reached from other machines.*$/m)
    expect(JSON.parse(warning)).toMatchObject({
      level: 'warn',
      msg: expect.stringContaining('0.0.0.0 can be reached'),
    })
  })

  it('lets a run in the same repository work beside it', async () => {
    const installation = install()
    const serving = await serve(installation)
    const [finished, { id }] = await Promise.all([
      sluice(installation.home, ['run'], { cwd: installation.project }),
      serving.trigger(),
    ])
    expect(finished.code).toBe(0)
    await serving.reaches(id, 'success')
  })
})

/** Resolves when a job of a pipeline has printed `begun`; each answer of the API is a reason to look again. */
async function begun(serving: Serving, pipelineId: number): Promise<void> {
  await serving.daemon.says(new RegExp(`"pipeline_id":${pipelineId},"status":"running"`))
  for (;;) {
    for (const job of await jobsOf(serving, pipelineId)) {
      const trace = await (await serving.get(`/projects/9/jobs/${String(job['id'])}/trace`)).text()
      if (/^begun$/m.test(trace)) return
    }
  }
}
