import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { makeHome, sluice, startSluice, type Running } from '../support/sluice.ts'

const run = promisify(execFile)

const CI = `variables: { STAGE: test }
unit:
  script:
    - echo "user=$GITLAB_USER_LOGIN"
    - curl -sS --noproxy '*' -o /dev/null -w 'trigger=%{http_code}\\n' --form token=$CI_JOB_TOKEN --form ref=main --form 'variables[CHILD]=1' $CI_API_V4_URL/projects/9/trigger/pipeline
    - curl -sS --noproxy '*' -o /dev/null -w 'other=%{http_code}\\n' --form token=$CI_JOB_TOKEN --form ref=main --form 'variables[CHILD]=1' $CI_API_V4_URL/projects/10/trigger/pipeline
    - curl -sS --noproxy '*' -o /dev/null -w 'list=%{http_code}\\n' -H "JOB-TOKEN:$CI_JOB_TOKEN" $CI_API_V4_URL/projects/9/pipelines
    - curl -sS --noproxy '*' -o /dev/null -w 'user=%{http_code}\\n' -H "JOB-TOKEN:$CI_JOB_TOKEN" $CI_API_V4_URL/user
    - sleep \${SLEEP:-0}
  rules: [{ if: $CHILD == null }]
child:
  script: echo child
  rules: [{ if: $CHILD }]
`

interface Serving {
  readonly daemon: Running
  readonly state: string
  readonly home: ReturnType<typeof makeHome>
  /** Status and body of a trigger request to a project. */
  trigger(project: number, token: string, ...fields: string[]): Promise<[number, string]>
  get(path: string): Promise<Response>
}

async function serve(config: string): Promise<Serving> {
  const home = makeHome()
  const folder = temporaryFolder()
  for (const name of ['app', 'two'])
    makeRepository({ folder: join(folder, name), files: { '.gitlab-ci.yml': CI } })
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, config)
  const state = join(folder, 'state')
  const daemon = startSluice(home, ['serve', '--config', file, '--state', state, '--listen', '127.0.0.1:0'])
  const [, url = ''] = await daemon.says(/(http:\/\/127\.0\.0\.1:\d+)\/\n/)
  const access = readFileSync(join(state, 'access-token'), 'utf8').trim()
  return {
    daemon,
    state,
    home,
    async trigger(project, token, ...fields) {
      const forms = [`token=${token}`, 'ref=main', ...fields].flatMap((each) => ['--form', each])
      const { stdout } = await run('curl', [
        '-sS',
        '--noproxy',
        '*',
        '-w',
        '\n%{http_code}',
        ...forms,
        `${url}/api/v4/projects/${project}/trigger/pipeline`,
      ])
      const [, body = '', status] = /^([\s\S]*)\n(\d+)$/.exec(stdout) ?? []
      return [Number(status), body]
    },
    get: (path) => fetch(`${url}/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': access } }),
  }
}

const CONFIG = `triggers: { variables: safe }
users: [{ username: ada, name: Ada, projects: { 9: maintainer } }]
projects:
  - id: 9
    name: group/app
    path: app
    default_branch: main
    triggers:
      - { description: bot, token: glptt-aaaaaaaaaaaaaaaa, owner: ada }
      - { description: old, token: glptt-bbbbbbbbbbbbbbbb }
  - id: 10
    name: group/two
    path: two
    default_branch: main
    triggers:
      variables: declared
      tokens: [{ description: two, token: glptt-dddddddddddddddd, owner: root }]
`

const trace = async (serving: Serving, pipeline: number): Promise<string> => {
  const jobs = (await (await serving.get(`/projects/9/pipelines/${pipeline}/jobs`)).json()) as {
    id: number
  }[]
  return await (await serving.get(`/projects/9/jobs/${jobs[0]?.id}/trace`)).text()
}

describe('sluice serve', () => {
  it('lets callers choose variables as far as the project says', async () => {
    const { trigger } = await serve(CONFIG)
    const refused = (key: string) => [
      400,
      `{"message":{"base":["Variable \\"${key}\\" may not be set by a trigger"]}}`,
    ]
    expect(await trigger(9, 'glptt-aaaaaaaaaaaaaaaa', 'variables[LD_PRELOAD]=x')).toEqual(
      refused('LD_PRELOAD'),
    )
    expect((await trigger(9, 'glptt-aaaaaaaaaaaaaaaa', 'variables[MINE]=x'))[0]).toBe(201)
    expect(await trigger(10, 'glptt-dddddddddddddddd', 'variables[NOPE]=x')).toEqual(refused('NOPE'))
    expect((await trigger(10, 'glptt-dddddddddddddddd', 'variables[STAGE]=live'))[0]).toBe(201)
  })

  it('runs a job as the owner of the trigger, whose token goes as far as he does', async () => {
    const serving = await serve(CONFIG)
    const [status, body] = await serving.trigger(9, 'glptt-aaaaaaaaaaaaaaaa', 'wait=true')
    const { id, status: ended } = JSON.parse(body) as { id: number; status: string }
    expect([status, ended]).toEqual([201, 'success'])
    const log = await trace(serving, id)
    for (const line of ['user=ada', 'trigger=201', 'other=404', 'list=200', 'user=401'])
      expect(log).toMatch(new RegExp(`^${line}\\r?$`, 'm'))
    const child = (await (await serving.get(`/projects/9/pipelines/${id + 1}`)).json()) as unknown
    expect(child).toMatchObject({ source: 'pipeline', user: { username: 'ada' } })
  })

  it('names a trigger without owner when it starts; its job reaches its own project only', async () => {
    const serving = await serve(CONFIG)
    expect(serving.daemon.output()).toContain('trigger \\"old\\" (bbbb) of group/app has no owner')
    const [, body] = await serving.trigger(9, 'glptt-bbbbbbbbbbbbbbbb', 'wait=true')
    const log = await trace(serving, (JSON.parse(body) as { id: number }).id)
    for (const line of ['trigger=201', 'other=404']) expect(log).toMatch(new RegExp(`^${line}\\r?$`, 'm'))
  })

  it('answers who waits, and ends at once, when it is told to stop', async () => {
    const serving = await serve(CONFIG)
    const waiting = serving.trigger(9, 'glptt-aaaaaaaaaaaaaaaa', 'variables[SLEEP]=60', 'wait=true')
    await serving.daemon.says(/"pipeline_id":1,"status":"running"/)
    serving.daemon.signal('SIGTERM')
    const [status, body] = await waiting
    expect([status, (JSON.parse(body) as { status: string }).status]).toEqual([201, 'failed'])
    expect((await serving.daemon.ended).code).toBe(0)
  })

  it('tells no token and no value in its log', async () => {
    const serving = await serve(CONFIG)
    await serving.trigger(9, 'glptt-aaaaaaaaaaaaaaaa', 'variables[A]=TheHushValue', 'wait=true')
    await serving.trigger(9, 'glptt-zzzzzzzzzzzzzzzz')
    serving.daemon.signal('SIGTERM')
    await serving.daemon.ended
    expect(serving.daemon.output()).not.toMatch(/TheHushValue|glptt-[az]{5}/)
    const shown = await sluice(serving.home, ['show', '1', '--state', serving.state, '--json'])
    expect(shown.stdout).not.toContain('glptt-aaaa')
  })
})
