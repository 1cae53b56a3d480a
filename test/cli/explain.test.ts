import { beforeAll, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../support/git.ts'
import { makeHome, sluice, type Home } from '../support/sluice.ts'

const files = {
  '.gitlab-ci.yml': `include: ci/deploy.yml
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH
    - if: $CI_COMMIT_TAG
variables:
  DEPLOY_ENV: none
  URL: https://$DEPLOY_ENV.example.com
default:
  image: ruby:3
.base:
  before_script: ["true"]
build:
  script: "true"
`,
  'ci/deploy.yml': `deploy:
  extends: .base
  variables:
    DEPLOY_ENV: dev
  script: "true"
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
    - if: $CI_COMMIT_TAG
`,
}

describe('sluice explain', () => {
  let home: Home
  let repository: TestRepository
  let at: string
  beforeAll(() => {
    home = makeHome()
    repository = makeRepository({ files })
    at = repository.git('rev-parse', 'HEAD').slice(0, 7)
  })
  const explain = (...args: string[]) => sluice(home, ['explain', ...args], { cwd: repository.root })

  it('says why a job is not in a pipeline, and when it would be', async () => {
    const { code, stdout } = await explain('job', 'deploy', '--event', 'push', '--ref', 'feature/x')
    expect(code).toBe(0)
    const expected = `deploy is not in this pipeline   push · feature/x @ ${at}
  workflow  rule 1  no   if: $CI_PIPELINE_SOURCE == "merge_request_event"  .gitlab-ci.yml:4
                         "push" == "merge_request_event"
            rule 2  yes  if: $CI_COMMIT_BRANCH                             .gitlab-ci.yml:5
                         CI_COMMIT_BRANCH is "feature/x"
  deploy    rule 1  no   if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH       ci/deploy.yml:7
                         "feature/x" == "main"
            rule 2  no   if: $CI_COMMIT_TAG                                ci/deploy.yml:8
                         CI_COMMIT_TAG is not set
  no rule matched, so the job is left out
  it would run for: push to main (rule 1), every tag (rule 2), trigger (rule 1), schedule (rule 1), web (rule 1)
  keys
    variables      ci/deploy.yml:3
    script         ci/deploy.yml:5
    rules          ci/deploy.yml:6
    before_script  .gitlab-ci.yml:13   through extends .base
    image          .gitlab-ci.yml:11   through default
  try: sluice run deploy --ref main      compare: sluice explain job deploy --event trigger
`
    expect(stdout).toBe(expected)
  })

  it('says the same in JSON', async () => {
    const { stdout } = await explain('job', 'deploy', '--tag', 'v1', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      what: 'job',
      name: 'deploy',
      in: true,
      source: 'push',
      ref: 'v1',
      steps: [
        { label: 'rule 1', matched: false, file: 'ci/deploy.yml', line: 7 },
        { label: 'rule 2', matched: true, clause: 'if: $CI_COMMIT_TAG', detail: 'CI_COMMIT_TAG is "v1"' },
      ],
    })
  })

  it('names who gives a variable its value, the winner first', async () => {
    const { stdout } = await explain('var', 'DEPLOY_ENV', '--job', 'deploy', '--variable', 'DEPLOY_ENV=prod')
    expect(stdout).toBe(`DEPLOY_ENV = prod   deploy · push · main @ ${at}
  ▸ --variable  prod
    job         dev   ci/deploy.yml:4
    global      none  .gitlab-ci.yml:8
  expansion: none · masked: no
`)
  })

  it('expands what a job sees', async () => {
    expect((await explain('var', 'URL', '--job', 'deploy')).stdout).toContain(
      '  expansion: https://dev.example.com · masked: no\n',
    )
    expect((await explain('var', 'URL', '--job', 'build')).stdout).toContain(
      '  expansion: https://none.example.com · masked: no\n',
    )
  })

  it('knows the environment of a job, and what there will be only later', async () => {
    const other = makeRepository({
      files: {
        '.gitlab-ci.yml':
          "variables: {RAW: {value: '$HOME', expand: false}}\nworkflow: {name: 'for $CI_COMMIT_REF_NAME'}\njob: {script: x, environment: {name: review/$CI_COMMIT_REF_SLUG, url: 'https://$CI_ENVIRONMENT_SLUG.test', action: verify}}\n",
      },
    })
    const of = async (key: string) =>
      (await sluice(home, ['explain', 'var', key, '--job', 'job'], { cwd: other.root })).stdout
    expect(await of('CI_ENVIRONMENT_NAME')).toMatch(/^CI_ENVIRONMENT_NAME = review\/main {3}/)
    expect(await of('CI_ENVIRONMENT_ACTION')).toMatch(/^CI_ENVIRONMENT_ACTION = verify {3}/)
    expect(await of('CI_ENVIRONMENT_TIER')).toMatch(/^CI_ENVIRONMENT_TIER = development {3}/)
    expect(await of('CI_ENVIRONMENT_SLUG')).toMatch(/^CI_ENVIRONMENT_SLUG = review-main-[0-9a-z]{6} {3}/)
    expect(await of('CI_ENVIRONMENT_URL')).toMatch(/expansion: https:\/\/review-main-[0-9a-z]{6}\.test/)
    expect(await of('CI_PIPELINE_NAME')).toMatch(/^CI_PIPELINE_NAME = for main {3}/)
    expect(await of('CI_PIPELINE_IID')).toContain('stands in for the number that the pipeline will get')
    expect(await of('RAW')).toContain('expansion: off')
    expect(await of('CI_JOB_ID')).toMatch(/^CI_JOB_ID is set when the job runs {3}/)
    expect(await of('CI_PIPELINE_ID')).toMatch(/^CI_PIPELINE_ID is set when the pipeline is made {3}/)
    expect(await of('CI_COMMIT_TAG')).toMatch(/^CI_COMMIT_TAG is not set {3}/)
  })

  it('never shows a masked value', async () => {
    repository.write({ 'vars.yml': 'SECRET: {value: hunter22, masked: true}\nOPEN: "a $SECRET"\n' })
    const secret = await explain('var', 'SECRET', '--variables-file', 'vars.yml')
    const open = await explain('var', 'OPEN', '--variables-file', 'vars.yml', '--json')
    expect(secret.stdout).toContain('SECRET = [MASKED]')
    expect(secret.stdout).toContain('scope *, not protected')
    expect(open.stdout).toContain('a [MASKED]')
    expect(secret.stdout + open.stdout).not.toContain('hunter22')
  })

  it('lists every job with what decided', async () => {
    const { stdout } = await explain('pipeline', '--ref', 'feature/x')
    expect(stdout).toContain(`push · feature/x @ ${at}   1 of 2 jobs\n`)
    expect(stdout).toMatch(
      /^ {2}out {2}deploy {2}test {2}no rule matched; the last was if: \$CI_COMMIT_TAG — CI_COMMIT_TAG is not set {2}ci\/deploy\.yml:1$/m,
    )
    expect(stdout).toMatch(/^ {2}in {3}build {3}test {2}.* {2}\.gitlab-ci\.yml:14$/m)
  })

  it('answers for a pipeline that was made with what was stored then', async () => {
    const own = makeRepository({ files })
    const run = await sluice(home, ['run', '--executor', 'shell', '--variable', 'DEPLOY_ENV=prod'], {
      cwd: own.root,
    })
    expect(run.code).toBe(0)
    own.write({ 'ci/deploy.yml': 'deploy: {script: "true", only: [tags]}\n' })
    const stored = (...args: string[]) =>
      sluice(home, ['explain', ...args, '--pipeline', '1'], { cwd: own.root })
    const job = await stored('job', 'deploy')
    expect(job.stdout).toContain('deploy is in this pipeline   pipeline 1 · push · main @ ')
    expect(job.stdout).toContain('rule 1  yes  if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH')
    expect(job.stdout).toContain('  status success\n')
    const variable = await stored('var', 'DEPLOY_ENV', '--job', 'deploy')
    expect(
      variable.stdout
        .split('\n')
        .slice(1, 4)
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ['▸ --variable', 'prod'],
      ['job', 'dev', 'ci/deploy.yml:4'],
      ['global', 'none', '.gitlab-ci.yml:8'],
    ])
    expect((await stored('pipeline')).stdout).toContain('2 of 2 jobs')
    expect((await sluice(home, ['explain', '--pipeline', '99'], { cwd: own.root })).code).toBe(2)
  })

  it.each<[string, string[], string]>([
    ['a job that is none', ['job', 'deplyo'], '"deploy" is close'],
    ['a job without a name', ['job'], 'explain job needs a name'],
    ['something else', ['stage'], 'Did you mean'],
  ])('refuses %s', async (_, args, words) => {
    expect(await explain(...args)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(words === 'Did you mean' ? /One of: job, var, pipeline/ : words),
    })
  })

  it('shows the mistakes of an invalid file', async () => {
    const broken = makeRepository({ files: { '.gitlab-ci.yml': 'job: {}' } })
    expect(await sluice(home, ['explain'], { cwd: broken.root })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('job.shape'),
    })
  })
})
