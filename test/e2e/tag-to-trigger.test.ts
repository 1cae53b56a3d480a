// The chain of the seed document, for real: a new tag in A, A's `only: tags` jobs, their curl with a trigger's token, pipelines in B on
// master, and what those start in turn. Each pipeline says which job asked for it, whatever the job did or did not tell.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { natProblem } from '../../src/runner/executors/sandbox-network.ts'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { hasBubblewrap } from '../support/sandbox.ts'
import { makeHome, sluice, startSluice, type Home } from '../support/sluice.ts'

const TOKEN_OF_B = 'glptt-bbbbbbbbbbbbbbbbbbbb'
const TOKEN_OF_C = 'glptt-cccccccccccccccccccc'

const CURL = 'curl --silent --show-error --fail --output /dev/null --globoff --request POST'

function ciOfA(api: string): string {
  return `
run_tests:
  stage: test
  script: "true"
build_docs:
  stage: deploy
  script:
    - ${CURL} --form token=${TOKEN_OF_B} --form ref=master --form "variables[BY]=build_docs" ${api}/projects/9/trigger/pipeline
  only:
    - tags
hook:
  stage: deploy
  script:
    - ${CURL} --json {} "${api}/projects/9/ref/master/trigger/pipeline?token=${TOKEN_OF_B}&variables[BY]=hook"
  only:
    - tags
late:
  stage: deploy
  script: "true"
  after_script:
    - sh -c '${CURL} "${api}/projects/9/trigger/pipeline?token=${TOKEN_OF_B}&ref=master&variables[BY]=late"; true'
  only:
    - tags
`
}

const CI_OF_B = `
build:
  script: "true"
pass_on:
  script:
    - ${CURL} --form token=${TOKEN_OF_C} --form ref=master $CI_API_V4_URL/projects/11/trigger/pipeline
  rules:
    - if: $BY == "build_docs"
`

interface Upstream {
  readonly via: string
  readonly job: { readonly id: number; readonly name: string }
  readonly pipeline: { readonly id: number }
}

interface Provenance {
  readonly variables: readonly { readonly key: string; readonly value: string }[]
  readonly upstream: readonly Upstream[]
}

interface Served {
  readonly home: Home
  readonly config: string
  readonly tagSha: string
  get(path: string): Promise<unknown>
}

/** Serves A, B and C, makes a tag in A, and resolves when C's pipeline and A's have succeeded. */
async function tagA(
  executorOfA: string,
  { listen = '127.0.0.1', api = '$CI_API_V4_URL' } = {},
): Promise<Served> {
  const home = makeHome()
  const folder = temporaryFolder()
  const make = (name: string, ci: string) =>
    makeRepository({ folder: join(folder, name), branch: 'master', files: { '.gitlab-ci.yml': ci } })
  const a = make('a', ciOfA(api))
  make('b', CI_OF_B)
  make('c', 'last:\n  script: "true"\n')
  const config = join(folder, 'runner.config.yaml')
  const triggers = (token: string) => `triggers: [{description: docs, token: ${token}, owner: root}]`
  writeFileSync(
    config,
    `state: state
listen: ${listen}:0
projects:
  - {id: 10, name: group/a, path: a, default_branch: master, ${executorOfA}}
  - {id: 9, name: group/b, path: b, default_branch: master, executor: shell, ${triggers(TOKEN_OF_B)}}
  - {id: 11, name: group/c, path: c, default_branch: master, executor: shell, ${triggers(TOKEN_OF_C)}}
`,
  )
  const daemon = startSluice(home, ['serve', '--config', config])
  const [, port = ''] = await daemon.says(/http:\/\/[\w.]+:(\d+)/)
  a.git('tag', 'v1.0')
  await daemon.says(/"status":"success"[^\n]*"project":"group\/a"/)
  await daemon.says(/"status":"success"[^\n]*"project":"group\/c"/)
  const access = readFileSync(join(folder, 'state', 'access-token'), 'utf8').trim()
  return {
    home,
    config,
    tagSha: a.git('rev-parse', 'v1.0'),
    async get(path) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v4${path}`, {
        headers: { 'PRIVATE-TOKEN': access },
      })
      expect([path, answer.status]).toEqual([path, 200])
      return answer.json()
    },
  }
}

/** Fails where a pipeline does not say who started it. Returns the jobs that led to C's. */
async function checkChain({ home, config, tagSha, get }: Served): Promise<string[]> {
  const ofA = {
    iid: 1,
    source: 'push',
    ref: 'v1.0',
    tag: true,
    sha: tagSha,
    trigger: null,
  }
  const fromA = (job: string): object => ({
    via: 'trigger_token',
    job: { name: job, stage: 'deploy' },
    pipeline: ofA,
    project: { id: 10, path_with_namespace: 'group/a' },
  })
  const inB = (await get('/projects/9/pipelines?sort=asc')) as { id: number; ref: string; source: string }[]
  expect(inB.map(({ ref, source }) => [ref, source])).toEqual(
    ['master', 'master', 'master'].map((ref) => [ref, 'trigger']),
  )
  const told = new Map<string, unknown>()
  for (const { id } of inB) {
    const provenance = (await get(`/projects/9/pipelines/${id}/provenance`)) as Provenance
    const by = provenance.variables.find(({ key }) => key === 'BY')?.value ?? ''
    told.set(by, provenance.upstream)
    // The command line reads the same rows.
    const shown = await sluice(home, ['show', String(id), '--config', config, '--json'])
    expect(JSON.parse(shown.stdout)).toEqual(provenance)
  }
  expect([...told.keys()].toSorted()).toEqual(['build_docs', 'hook', 'late'])
  for (const [by, upstream] of told) expect(upstream).toMatchObject([fromA(by)])

  const [last] = (await get('/projects/11/pipelines')) as { id: number }[]
  const { upstream } = (await get(`/projects/11/pipelines/${last?.id}/provenance`)) as Provenance
  expect(upstream).toMatchObject([
    {
      via: 'trigger_token',
      job: { name: 'pass_on' },
      pipeline: {
        source: 'trigger',
        ref: 'master',
        tag: false,
        trigger: { description: 'docs', short_token: 'bbbb' },
      },
      project: { path_with_namespace: 'group/b' },
    },
    fromA('build_docs'),
  ])
  const [passOn, buildDocs] = upstream
  const text = (await sluice(home, ['show', String(last?.id), '--config', config])).stdout
  expect(text).toContain(
    `upstream        job ${passOn?.job.id} pass_on of group/b, pipeline ${passOn?.pipeline.id}, branch master (trigger 1 "docs" (bbbb…)), by trigger token\n` +
      `upstream        job ${buildDocs?.job.id} build_docs of group/a, pipeline ${buildDocs?.pipeline.id}, tag v1.0 (push), by trigger token\n`,
  )
  return upstream.map(({ job }) => job.name)
}

const CHAIN = ['pass_on', 'build_docs']

const ownAddress = Object.values(networkInterfaces())
  .flatMap((each) => each ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

describe.runIf(existsSync('/proc/self/net/tcp'))('a tag in A starts B, and B says which job it was', () => {
  it('plain processes', async () => {
    expect(await checkChain(await tagA('executor: shell'))).toEqual(CHAIN)
  })

  it.runIf(hasBubblewrap)('bubblewrap', async () => {
    expect(await checkChain(await tagA('executor: bubblewrap'))).toEqual(CHAIN)
  })

  // Needs slirp4netns, /dev/net/tun and an address that is not loopback.
  it.runIf(hasBubblewrap && natProblem() === null && ownAddress !== undefined)(
    'bubblewrap with a network of its own',
    async () => {
      const settings = { listen: '0.0.0.0', api: `http://${ownAddress}:$CI_SERVER_PORT/api/v4` }
      const served = await tagA('executor: bubblewrap, sandbox: {network: nat}', settings)
      expect(await checkChain(served)).toEqual(CHAIN)
    },
  )
})
