// Pipelines that pipelines start, with the real program.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRepository, temporaryFolder, writeFiles, type Files } from '../support/git.ts'
import { makeHome, sluice, startSluice, type Home, type Running } from '../support/sluice.ts'

const GENERATE = `
stages: [make, go]
generate:
  stage: make
  script:
    - echo made > data.txt
    - 'printf "made:\\n  script: echo made of \\$CI_PIPELINE_SOURCE\\n" > child.yml'
  artifacts: {paths: [child.yml, data.txt]}
dynamic:
  stage: go
  variables: {PARENT: $CI_PIPELINE_ID}
  trigger:
    include:
      - {artifact: child.yml, job: generate}
      - {local: more.yml, inputs: {who: world}}
    strategy: depend
`

const MORE = `spec: {inputs: {who: {}}}
---
hello:
  script:
    - echo "hello $[[ inputs.who ]]"
    - cat data.txt
  needs: [{pipeline: $PARENT, job: generate}]
`

interface Report {
  readonly pipeline: { readonly status: string }
  readonly jobs: readonly {
    readonly name: string
    readonly status: string
    readonly failure_reason: string | null
  }[]
  readonly children: readonly (Report & { readonly trigger_job: { readonly name: string } })[]
}

describe('sluice run', () => {
  it('runs what a job of its pipeline has generated', async () => {
    const { root, write } = makeRepository({ files: { '.gitlab-ci.yml': GENERATE } })
    write({ 'more.yml': MORE }) // part of the snapshot, and so of the child
    const { code, stdout, stderr } = await sluice(makeHome(), ['run'], { cwd: root })
    expect(code).toBe(0)
    const lines = stdout.split('\n').map((line) => line.replace(/ +/g, ' '))
    expect(lines).toContain('dynamic/made > made of parent_pipeline')
    expect(lines).toContain('dynamic/hello > hello world')
    expect(lines).toContain('dynamic/hello > made')
    expect(stdout).toMatch(/^ PASS \[ +[\d.]+ s\] dynamic {2,}pipeline 2$/m)
    expect(stdout).toMatch(/^pipeline 2 passed · started by dynamic\npipeline passed in /m)
    expect(stderr).toMatch(
      /^pipeline 2 · main@[0-9a-f]{8} with changes · parent_pipeline · 2 jobs · started by dynamic$/m,
    )
  })

  it('fails with its child, and says so in JSON', async () => {
    const { root } = makeRepository({
      files: {
        '.gitlab-ci.yml': 'deploy:\n  trigger: {include: child.yml, strategy: depend}\n',
        'child.yml': 'unit: {script: exit 3}\n',
      },
    })
    const { code, stdout } = await sluice(makeHome(), ['run', '--json'], { cwd: root })
    expect(code).toBe(1)
    const records: { type: string; trigger_job?: unknown }[] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records.filter(({ type }) => type === 'pipeline.created').map((one) => one.trigger_job)).toEqual([
      undefined,
      { id: 1, name: 'deploy', pipeline_id: 1 },
    ])
    const last: Report = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
    expect(last).toMatchObject({
      pipeline: { id: 1, status: 'failed' },
      jobs: [{ name: 'deploy', status: 'failed', failure_reason: 'unknown_failure' }],
      children: [
        {
          trigger_job: { id: 1, name: 'deploy' },
          pipeline: { id: 2, status: 'failed', source: 'parent_pipeline' },
          jobs: [{ name: 'unit', status: 'failed', exit_code: 3 }],
          children: [],
        },
      ],
    })
  })

  it('waits for a child that its trigger job does not wait for', async () => {
    const { root } = makeRepository({
      files: {
        '.gitlab-ci.yml': 'deploy:\n  trigger: {include: child.yml}\n',
        'child.yml': 'unit: {script: [sleep 1, echo done at last]}\n',
      },
    })
    const { code, stdout } = await sluice(makeHome(), ['run'], { cwd: root })
    expect(code).toBe(0)
    expect(stdout).toContain('deploy/unit  > done at last\n')
  })

  it('ends where a child waits for a person', async () => {
    const { root } = makeRepository({
      files: {
        '.gitlab-ci.yml': 'deploy:\n  trigger: {include: child.yml, strategy: depend}\n',
        'child.yml': 'unit: {script: x, when: manual, allow_failure: false}\n',
      },
    })
    const { code, stderr } = await sluice(makeHome(), ['run'], { cwd: root })
    expect(code).toBe(0)
    expect(stderr).toContain('waits for a person: deploy/unit. Play one with: sluice play 2\n')
  })

  it('says why a child could not be made', async () => {
    const { root } = makeRepository({
      files: {
        '.gitlab-ci.yml': 'deploy: {trigger: {include: child.yml}}\nother: {trigger: group/other}\n',
        'child.yml': 'unit: {script: x, stage: nowhere}\n',
      },
    })
    const { code, stdout } = await sluice(makeHome(), ['run'], { cwd: root })
    expect(code).toBe(1)
    expect(stdout).toContain(
      'deploy  > ERROR: unit job: chosen stage nowhere does not exist; available stages are ',
    )
    expect(stdout).toContain('other   > ERROR: no project "group/other" is served here;')
  })
})

describe('sluice serve', () => {
  interface Serving {
    readonly url: string
    readonly daemon: Running
    get<T>(path: string): Promise<T>
    trigger(): Promise<number>
  }

  interface Row {
    readonly id: number
    readonly source: string
    readonly status: string
  }

  /** Project 9 is a repository, project 10 a plain folder. */
  function install(
    files: Files,
    library: Files,
    more = '',
  ): { home: Home; config: string; state: string; library: string } {
    const folder = temporaryFolder()
    makeRepository({ folder: join(folder, 'app'), files })
    writeFiles(join(folder, 'lib'), library)
    const config = join(folder, 'runner.config.yaml')
    writeFileSync(
      config,
      `executor: shell
projects:
  - {id: 9, name: group/app, path: app, default_branch: main${more}, triggers: [{description: t, token: glptt-1234567890abcdef, owner: root}]}
  - {id: 10, name: group/lib, path: lib}
`,
    )
    return { home: makeHome(), config, state: join(folder, 'state'), library: join(folder, 'lib') }
  }

  async function serve({ home, config, state }: ReturnType<typeof install>): Promise<Serving> {
    const daemon = startSluice(home, [
      'serve',
      '--config',
      config,
      '--state',
      state,
      '--listen',
      '127.0.0.1:0',
    ])
    const [, url = ''] = await daemon.says(/(http:\/\/127\.0\.0\.1:\d+)\/\n/)
    const token = readFileSync(join(state, 'access-token'), 'utf8').trim()
    return {
      url,
      daemon,
      get: async <T>(path: string): Promise<T> =>
        (await (await fetch(`${url}/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': token } })).json()) as T,
      async trigger() {
        const body = new URLSearchParams({ token: 'glptt-1234567890abcdef', ref: 'main' })
        const answer = await fetch(`${url}/api/v4/projects/9/trigger/pipeline`, { method: 'POST', body })
        const { id } = (await answer.json()) as Row
        return id
      },
    }
  }

  const CI = `
include: {project: group/lib, file: shared.yml}
library:
  trigger: {project: group/lib, strategy: depend}
`

  it('starts pipelines of other projects, and reads their files as they are', async () => {
    const installation = install(
      { '.gitlab-ci.yml': CI },
      { 'shared.yml': 'first: {script: echo first}\n', '.gitlab-ci.yml': 'made: {script: echo made}\n' },
    )
    const { daemon, trigger, get } = await serve(installation)
    const id = await trigger()
    await daemon.says(new RegExp(String.raw`"pipeline_id":${id},"status":"success"`))
    expect(
      (await get<{ name: string }[]>(`/projects/9/pipelines/${id}/jobs`)).map(({ name }) => name),
    ).toContain('first')
    expect(await get<Row[]>('/projects/10/pipelines')).toMatchObject([
      { source: 'pipeline', status: 'success' },
    ])

    writeFiles(installation.library, {
      'shared.yml': 'second: {script: echo second}\n',
      '.gitlab-ci.yml': 'made: {script: exit 1}\n',
    })
    const again = await trigger()
    await daemon.says(new RegExp(String.raw`"pipeline_id":${again},"status":"failed"`))
    expect(
      (await get<{ name: string }[]>(`/projects/9/pipelines/${again}/jobs`)).map(({ name }) => name),
    ).toContain('second')
    const [newest] = await get<Row[]>('/projects/10/pipelines')
    expect(newest).toMatchObject({ source: 'pipeline', status: 'failed' })
  })

  it('takes the CI file of a project from another, as it is', async () => {
    const installation = install(
      { 'a.txt': 'x' },
      { 'main.yml': 'first: {script: echo first}\n' },
      ', ci_config_path: main.yml@group/lib',
    )
    const { daemon, trigger, get } = await serve(installation)
    const names = async (id: number): Promise<string[]> => {
      await daemon.says(new RegExp(String.raw`"pipeline_id":${id},"status":"success"`))
      return (await get<{ name: string }[]>(`/projects/9/pipelines/${id}/jobs`)).map(({ name }) => name)
    }
    expect(await names(await trigger())).toEqual(['first'])
    writeFiles(installation.library, { 'main.yml': 'second: {script: echo second}\n' })
    expect(await names(await trigger())).toEqual(['second'])
  })

  it('goes on after kill -9 while a child runs', async () => {
    const installation = install(
      {
        '.gitlab-ci.yml': 'deploy:\n  trigger: {include: child.yml, strategy: depend}\n',
        'child.yml':
          'unit:\n  script: [echo begun, sleep 600]\nother:\n  stage: deploy\n  when: always\n  script: echo other\n',
      },
      { '.gitlab-ci.yml': 'a: {script: x}\n' },
    )
    const before = await serve(installation)
    const id = await before.trigger()
    await before.daemon.says(/"status":"running","ref":"main","source":"parent_pipeline"/)
    before.daemon.signal('SIGKILL')
    await before.daemon.ended
    const { daemon, get } = await serve(installation)
    await daemon.says(new RegExp(String.raw`"pipeline_id":${id},"status":"failed"`))
    expect(await get<Row[]>('/projects/9/pipelines?source=parent_pipeline')).toMatchObject([
      { status: 'failed' },
    ])
  })
})
