import { AccessLevel, Gitlab } from '@gitbeaker/rest'
import { beforeAll, describe, expect, it } from 'vitest'
import { OWNER, type LiveServer } from '../http/support/live.ts'
import { LOG, servedWithRunner } from './served.ts'

// @gitbeaker/rest as it comes: only the host is ours.

const PROJECT = 'group/app'
let server: LiveServer
let gitlab: InstanceType<typeof Gitlab>
beforeAll(async () => {
  server = await servedWithRunner()
  gitlab = new Gitlab({ host: server.url, token: OWNER })
})

async function finished(pipelineId: number): Promise<string> {
  await expect
    .poll(async () => (await gitlab.Pipelines.show(PROJECT, pipelineId)).status, { timeout: 20_000 })
    .toBe('success')
  return 'success'
}

describe('triggers', () => {
  it('are made, listed, changed, used with variables, and revoked', async () => {
    const made = await gitlab.PipelineTriggerTokens.create(PROJECT, 'deploy bot')
    expect(made).toMatchObject({ description: 'deploy bot', token: expect.stringMatching(/^glptt-/) })
    expect((await gitlab.PipelineTriggerTokens.all(PROJECT)).map(({ id }) => id)).toEqual([made.id])
    const edited = await gitlab.PipelineTriggerTokens.edit(PROJECT, made.id, { description: 'bot' })
    expect([edited.id, edited.description]).toEqual([made.id, 'bot'])

    const pipeline = await gitlab.PipelineTriggerTokens.trigger(PROJECT, 'main', made.token, {
      variables: { TARGET: 'prod' },
    })
    expect(pipeline).toMatchObject({ ref: 'main', source: 'trigger', status: 'created', project_id: 9 })
    expect(await finished(pipeline.id)).toBe('success')
    const variables = await gitlab.Pipelines.allVariables(PROJECT, pipeline.id)
    expect(variables.map(({ key }) => key)).toEqual(['TARGET', 'TRIGGER_PAYLOAD'])

    const jobs = await gitlab.Jobs.all(PROJECT, { pipelineId: pipeline.id })
    expect(jobs.map(({ name }) => name)).toEqual(['test', 'build'])
    const build = jobs[1]?.id ?? 0
    expect(await gitlab.Jobs.showLog(PROJECT, build)).toBe(LOG)
    const archive = await gitlab.JobArtifacts.downloadArchive(PROJECT, { jobId: build })
    expect(
      Buffer.from(await archive.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK')
    const file = { jobId: build, artifactPath: 'out/app.txt' }
    expect(await asText(await gitlab.JobArtifacts.downloadArchive(PROJECT, file))).toBe('the app\n')
    const ofRef = { ref: 'main', job: 'build', artifactPath: 'out/app.txt' }
    expect(await asText(await gitlab.JobArtifacts.downloadArchive(PROJECT, ofRef))).toBe('the app\n')

    await gitlab.PipelineTriggerTokens.remove(PROJECT, made.id)
    expect(await gitlab.PipelineTriggerTokens.all(PROJECT)).toEqual([])
    await expect(gitlab.PipelineTriggerTokens.trigger(PROJECT, 'main', made.token)).rejects.toThrow(
      '404 Not Found',
    )
  })

  it('without variables, on a ref with a slash', async () => {
    server.repository.git('branch', 'feature/x')
    const { token, id } = await gitlab.PipelineTriggerTokens.create(PROJECT, 'second')
    const pipeline = await gitlab.PipelineTriggerTokens.trigger(PROJECT, 'feature/x', token)
    expect(pipeline).toMatchObject({ ref: 'feature/x', source: 'trigger' })
    await finished(pipeline.id)
    await gitlab.PipelineTriggerTokens.remove(PROJECT, id)
  })
})

describe('pipelines', () => {
  it('are created, listed over pages, shown, and deleted', async () => {
    const { id } = await gitlab.Pipelines.create(PROJECT, 'main', {
      variables: [{ key: 'TARGET', value: 'x' }],
    })
    await finished(id)
    for (let n = 0; n < 3; n++) await gitlab.Pipelines.create(PROJECT, 'main')
    const pages = await gitlab.Pipelines.all(PROJECT, { perPage: 2 })
    const one = await gitlab.Pipelines.all(PROJECT, { perPage: 100, maxPages: 1 })
    expect(pages.map((each) => each.id)).toEqual(one.map((each) => each.id))
    expect(pages.length).toBeGreaterThanOrEqual(4)
    expect(await gitlab.Pipelines.showLatest(PROJECT)).toMatchObject({ id: one[0]?.id })
    expect(await gitlab.Pipelines.showTestReport(PROJECT, id)).toMatchObject({
      total_count: 0,
      test_suites: [],
    })
    expect(await gitlab.Jobs.allPipelineBridges(PROJECT, id)).toEqual([])
    expect(await gitlab.Pipelines.cancel(PROJECT, id)).toMatchObject({ id, status: 'success' })
    expect(await gitlab.Pipelines.retry(PROJECT, id)).toMatchObject({ id })
    await gitlab.Pipelines.remove(PROJECT, id)
    await expect(gitlab.Pipelines.show(PROJECT, id)).rejects.toThrow('404 Not found')
  })
})

describe('schedules', () => {
  it('are created, changed, given variables, played, taken over and deleted', async () => {
    const made = await gitlab.PipelineSchedules.create(PROJECT, 'nightly', 'main', '0 3 * * *', {
      cronTimezone: 'Europe/Berlin',
    })
    expect(made).toMatchObject({ description: 'nightly', cron: '0 3 * * *', cron_timezone: 'Europe/Berlin' })
    const edited = await gitlab.PipelineSchedules.edit(PROJECT, made.id, { active: false })
    expect(edited).toMatchObject({ id: made.id, active: false })
    const variable = await gitlab.PipelineScheduleVariables.create(PROJECT, made.id, 'TARGET', 'night')
    expect(variable).toMatchObject({ key: 'TARGET', value: 'night', variable_type: 'env_var' })
    await gitlab.PipelineScheduleVariables.edit(PROJECT, made.id, 'TARGET', 'prod')
    expect(await gitlab.PipelineSchedules.run(PROJECT, made.id)).toEqual({ message: '201 Created' })
    await expect
      .poll(
        async () =>
          (await gitlab.PipelineSchedules.allTriggeredPipelines(PROJECT, made.id)).map(
            ({ status }) => status,
          ),
        { timeout: 20_000 },
      )
      .toEqual(['success'])
    expect(await gitlab.PipelineSchedules.show(PROJECT, made.id)).toMatchObject({
      variables: [{ key: 'TARGET', value: 'prod' }],
      last_pipeline: { source: 'schedule' },
    })
    await gitlab.PipelineSchedules.takeOwnership(PROJECT, made.id)
    await gitlab.PipelineScheduleVariables.remove(PROJECT, made.id, 'TARGET')
    await gitlab.PipelineSchedules.remove(PROJECT, made.id)
    expect(await gitlab.PipelineSchedules.all(PROJECT)).toEqual([])
  })
})

describe('project variables', () => {
  it('are created, shown by environment, changed and deleted', async () => {
    const where = { environmentScope: 'production' }
    const filter = { filter: { environment_scope: 'production' } }
    expect(
      await gitlab.ProjectVariables.create(PROJECT, 'SECRET', 'hush-hush', { masked: true, ...where }),
    ).toMatchObject({ key: 'SECRET', masked: true, environment_scope: 'production' })
    await gitlab.ProjectVariables.create(PROJECT, 'SECRET', 'other', { environmentScope: 'review/*' })
    expect(await gitlab.ProjectVariables.show(PROJECT, 'SECRET', filter)).toMatchObject({
      value: 'hush-hush',
    })
    await expect(gitlab.ProjectVariables.show(PROJECT, 'SECRET')).rejects.toThrow(
      "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'",
    )
    await gitlab.ProjectVariables.edit(PROJECT, 'SECRET', 'something-else', filter)
    expect((await gitlab.ProjectVariables.all(PROJECT)).map(({ value }) => value)).toEqual([
      'something-else',
      'other',
    ])
    await gitlab.ProjectVariables.remove(PROJECT, 'SECRET', filter)
    expect((await gitlab.ProjectVariables.all(PROJECT)).map(({ value }) => value)).toEqual(['other'])
    await gitlab.ProjectVariables.remove(PROJECT, 'SECRET')
  })
})

describe('people, statuses and places', () => {
  it('users are made and given roles once; the role of a member is changed', async () => {
    const { id } = await gitlab.Users.create({ email: 'zoe@example.test', username: 'zoe', name: 'Zoe' })
    expect((await gitlab.Users.all()).map(({ username }) => username)).toContain('zoe')
    expect(await gitlab.ProjectMembers.add(PROJECT, AccessLevel.DEVELOPER, { userId: id })).toMatchObject({
      access_level: 30,
    })
    await expect(gitlab.ProjectMembers.add(PROJECT, AccessLevel.MAINTAINER, { userId: id })).rejects.toThrow(
      'Member already exists',
    )
    expect(await gitlab.ProjectMembers.edit(PROJECT, id, AccessLevel.MAINTAINER)).toMatchObject({
      access_level: 40,
    })
    await gitlab.ProjectMembers.remove(PROJECT, id)
    expect((await gitlab.ProjectMembers.all(PROJECT)).map((member) => member.id)).not.toContain(id)
    const spoken = new Gitlab({ host: server.url, token: OWNER, sudo: 'zoe' })
    expect((await spoken.Users.showCurrentUser()).username).toBe('zoe')
  })

  it('statuses of a commit are reported', async () => {
    const { id } = await gitlab.Commits.show(PROJECT, 'main')
    const status = await gitlab.Commits.editStatus(PROJECT, id, 'success', { name: 'elsewhere' })
    expect(status).toMatchObject({ name: 'elsewhere', status: 'success', sha: id })
    const names = (await gitlab.Commits.allStatuses(PROJECT, id)).map(({ name }) => name)
    expect(names).toContain('elsewhere')
  })

  it('lists by keyset have everything, too', async () => {
    const keyset = { pagination: 'keyset', orderBy: 'id', perPage: 3 } as const
    const jobs = await gitlab.Jobs.all(PROJECT, { ...keyset, sort: 'desc' })
    const paged = await gitlab.Jobs.all(PROJECT, { perPage: 100 })
    expect(jobs.length).toBeGreaterThan(3)
    expect(jobs.map((job) => job.id)).toEqual(paged.map((job) => job.id))
    expect((await gitlab.Projects.all({ ...keyset, sort: 'asc' })).map((project) => project.id)).toEqual([9])
  })

  it('runners, environments, deployments and resource groups are read', async () => {
    expect((await gitlab.Runners.all()).map(({ description }) => description)).toEqual(['local'])
    expect(await gitlab.Environments.all(PROJECT)).toEqual([])
    expect(await gitlab.Deployments.all(PROJECT)).toEqual([])
    expect(await gitlab.ResourceGroups.all(PROJECT)).toEqual([])
  })
})

describe('lint', () => {
  it('says what is wrong, and what is not', async () => {
    expect(await gitlab.Lint.lint(PROJECT, 'a: {script: [x]}')).toMatchObject({ valid: true, errors: [] })
    expect(await gitlab.Lint.lint(PROJECT, 'a: {}')).toMatchObject({
      valid: false,
      errors: ['jobs a config should implement the script:, run:, or trigger: keyword'],
    })
    expect(await gitlab.Lint.check(PROJECT, { ref: 'main' })).toMatchObject({ valid: true })
  })
})

async function asText(body: unknown): Promise<string> {
  return body instanceof Blob ? await body.text() : String(body)
}
