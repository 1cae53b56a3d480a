import { beforeAll, describe, expect, it } from 'vitest'
import { variable } from '../../../src/model/variable.ts'
import { logIn, textOf, type Browser } from '../support/browser.ts'
import { DEVELOPER, liveServer, MAINTAINER, OUTSIDER, OWNER, type LiveServer } from '../support/live.ts'
import { form } from '../support/request.ts'

const CI = `
job: {script: [make]}
review: {script: [up], environment: {name: review/app, url: 'https://review.example', on_stop: stop}, rules: [if: $REVIEW]}
stop: {script: [down], environment: {name: review/app, action: stop}, when: manual, rules: [if: $REVIEW]}
`

let server: LiveServer
let owner: Browser
let maintainer: Browser
let developer: Browser

const PROJECT = '/group/app/-'
const DECLARED = {
  ...variable('DECLARED_KEY', 'declared-value', 'project', { masked: true }),
  environmentScope: '*',
  protected: false,
  declaredAt: 'runner.config.yaml:12:7',
}

beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI }, [DECLARED])
  owner = await logIn(server.send, OWNER)
  maintainer = await logIn(server.send, MAINTAINER)
  developer = await logIn(server.send, DEVELOPER)
})

const SCHEDULE = {
  description: 'Nightly <i>',
  cron: '30 4 * * 0',
  cron_timezone: 'Europe/Berlin',
  ref: 'main',
  missed: 'skip',
  active: '1',
  inputs: '',
}

describe('schedules', () => {
  it('are made, shown, changed, paused, played, taken over and deleted', async () => {
    const made = await developer.submit(`${PROJECT}/pipeline_schedules`, {
      ...SCHEDULE,
      'variables[][key]': 'SECRET_TOKEN',
      'variables[][value]': 'hush-hush',
    })
    expect([made.path, made.said]).toEqual([
      `${PROJECT}/pipeline_schedules`,
      'Schedule "Nightly <i>" was made.',
    ])
    expect(made.html).toContain('Nightly &lt;i>')
    expect(made.text).toMatch(/30 4 \* \* 0 Europe\/Berlin Sun \d{4}-\d\d-\d\d 04:30 CES?T/)
    expect(made.html.match(/<time /g)?.length).toBeGreaterThanOrEqual(5)
    const [schedule] = server.app.store.schedules.page(9, {}, { limit: 1, offset: 0 }).schedules
    const path = `${PROJECT}/pipeline_schedules/${schedule?.id}`
    expect(schedule).toMatchObject({ ref: 'refs/heads/main', missed: 'skip', active: true })

    const edit = await developer.get(`${path}/edit`)
    expect(edit.text).not.toContain('hush-hush')
    const saved = await developer.submit(path, {
      ...SCHEDULE,
      description: 'Weekly',
      inputs: 'level=3\nname=a b',
      'variables[][key]': 'SECRET_TOKEN',
      'variables[][value]': '',
    })
    expect(saved.said).toBe('Schedule "Weekly" was saved.')
    expect(server.app.store.schedules.find(schedule?.id ?? 0)?.inputs).toEqual({ level: 3, name: 'a b' })
    expect(server.app.store.schedules.variablesOf(schedule?.id ?? 0)).toMatchObject([
      { key: 'SECRET_TOKEN', value: 'hush-hush' },
    ])
    expect((await developer.submit(path, { ...SCHEDULE, description: 'Weekly' })).said).toContain('saved')
    expect(server.app.store.schedules.variablesOf(schedule?.id ?? 0)).toEqual([])

    const paused = await developer.submit(`${path}/active`)
    expect([paused.said, paused.text.includes('Inactive')]).toEqual(['Schedule "Weekly" is paused.', true])
    expect((await developer.submit(`${path}/active`, { active: '1' })).said).toBe(
      'Schedule "Weekly" is active.',
    )
    const played = await maintainer.submit(`${path}/play`)
    expect(played.path).toMatch(/\/-\/pipelines\/\d+$/)
    expect(played.text).toContain('Started by a schedule, as max.')
    expect(played.text).toContain('Schedule Weekly')

    // GitLab: a maintainer takes a schedule over, or away, but does not edit that of another.
    expect((await maintainer.submit(path, SCHEDULE)).said).toBe(
      'Only its owner may change this schedule; take ownership of it first.',
    )
    expect((await maintainer.get(path)).text).not.toContain('>Edit<')
    expect((await developer.submit(`${path}/take_ownership`)).said).toBe(
      'To take the ownership of a schedule is for maintainers that do not own it.',
    )
    expect((await maintainer.submit(`${path}/take_ownership`)).said).toBe('Schedule "Weekly" is yours.')
    expect((await developer.submit(`${path}/delete`)).said).toBe(
      'Only its owner and maintainers may delete this schedule.',
    )
    expect((await maintainer.submit(`${path}/delete`)).said).toBe('Schedule "Weekly" was deleted.')
    expect((await maintainer.get(path)).status).toBe(404)
  })

  it.each([
    [{ cron: '* * *' }, 'Cron is invalid syntax'],
    [{ cron_timezone: 'Mars' }, 'Cron timezone is invalid syntax'],
    [{ description: ' ' }, "Description can't be blank"],
    [{ ref: '' }, "Target branch or tag can't be blank"],
    [{ inputs: 'no equals' }, 'Inputs must be NAME=VALUE in each line: no equals'],
    [{ 'variables[][key]': 'A-B' }, 'can contain only letters, digits'],
  ])('%j: says what is wrong', async (change, message) => {
    const typed = { ...SCHEDULE, ...change }
    const answer = await developer.post(`${PROJECT}/pipeline_schedules`, typed)
    expect(answer.status).toBe(422)
    expect(textOf(answer.text)).toContain(message)
    // What was typed stands there still.
    expect(answer.text).toContain('value="Europe/Berlin"'.replace('Europe/Berlin', typed.cron_timezone))
  })

  it('show what they would do', async () => {
    const answer = await developer.post(`${PROJECT}/pipeline_schedules`, { ...SCHEDULE, do: 'preview' })
    const inBerlin = /<li>Sun \d{4}-\d\d-\d\d 04:30 CES?T <span class="quiet">\(<time /g
    expect([answer.status, answer.text.match(inBerlin)?.length]).toEqual([200, 5])
    expect(server.app.store.schedules.countOf(9)).toBe(0)
  })

  it.each([
    [{ cron: '0 25 * * *' }, 'Cron is invalid syntax (hour 25 is above 23, at character 3 of'],
    [
      { cron_timezone: 'berlin' },
      'Cron timezone is invalid syntax (there is no time zone "berlin"; did you mean Berlin?)',
    ],
  ])('say beside the field what is wrong with what they would do: %j', async (change, message) => {
    const typed = { ...SCHEDULE, ...change, description: '', do: 'preview' }
    const answer = await developer.post(`${PROJECT}/pipeline_schedules`, typed)
    expect(answer.status).toBe(422)
    expect(textOf(answer.text)).toContain(message)
    expect(textOf(answer.text)).not.toContain("can't be blank")
    expect(answer.text).toMatch(/aria-invalid="true"/)
  })

  it('that are declared say where, and are played only', async () => {
    const { schedules } = server.app.engine
    const base = { description: 'Filed', ref: 'main', cron: '0 4 * * *', timezone: 'UTC', active: true }
    const at = 'runner.config.yaml:30:5'
    await schedules.declare(9, [{ ...base, inputs: {}, missed: 'once', variables: [], at }], 1)
    const [filed] = server.app.store.schedules.page(9, {}, { limit: 1, offset: 0 }).schedules
    const path = `${PROJECT}/pipeline_schedules/${filed?.id}`
    const text = textOf((await owner.get(`${PROJECT}/pipeline_schedules`)).text)
    expect(text).toContain('Declared at runner.config.yaml:30:5 and changed there.')
    expect(text).not.toContain('Pause')
    for (const verb of ['delete', 'active', 'take_ownership']) {
      expect((await owner.submit(`${path}/${verb}`)).said).toBe(
        'The schedule is declared at runner.config.yaml:30:5 and can only be changed there.',
      )
    }
    server.app.store.write('normal', () =>
      server.app.store.schedules.recordRun(filed?.id ?? 0, {
        lastRunAt: Date.UTC(2026, 0, 2, 4),
        nextRunAt: Date.UTC(2030, 0, 1),
        lastError: 'Reference not found',
        missedRuns: 3,
      }),
    )
    const missed = textOf((await owner.get(`${PROJECT}/pipeline_schedules`)).text)
    expect(missed).toContain('The last run made no pipeline: Reference not found')
    expect(missed).toContain('3 runs were missed (policy: once), last planned for 2026-01-02 04:00:00 UTC')
    await schedules.declare(9, [], 1)
  })
})

describe('triggers and their requests', () => {
  it('are made, shown once, used, sent again, taken over and revoked', async () => {
    const made = await maintainer.submit(`${PROJECT}/triggers`, { description: 'From <b>B</b>' })
    const [, token = ''] = /<code id="secret">(glptt-[\w-]+)<\/code>/.exec(made.html) ?? []
    expect(token).not.toBe('')
    expect(made.said).toContain('The trigger was made. This is its token:')
    const list = await maintainer.get(`${PROJECT}/triggers`)
    expect(list.text).not.toContain(token)
    expect(list.text).toContain('From &lt;b>B&lt;/b>')
    const [trigger] = server.app.store.triggers.page(9, { limit: 1, offset: 0 }).triggers
    const path = `${PROJECT}/triggers/${trigger?.id}`
    expect((await maintainer.submit(`${path}/reveal`)).html).toContain(token)
    expect((await owner.submit(`${path}/reveal`)).said).toBe(
      'Only its owner is shown the token of a trigger.',
    )

    const used = await server.send(
      '/api/v4/projects/9/trigger/pipeline',
      form({ token, ref: 'main', 'variables[WHERE]': 'in-the-vault' }),
    )
    expect(used.status).toBe(201)
    await server.send('/api/v4/projects/9/trigger/pipeline', form({ token, ref: 'nowhere' }))
    const requests = await maintainer.get(`${PROJECT}/trigger_requests`)
    expect(requests.text).not.toContain('in-the-vault')
    expect(requests.text).not.toContain(token)
    expect(textOf(requests.text)).toMatch(/#2 .* 400 .*nowhere.*#1 .* 201 .* Pipeline #\d+ .*WHERE/)
    const refusedOnly = textOf((await maintainer.get(`${PROJECT}/trigger_requests?state=refused`)).text)
    expect([refusedOnly.includes('#2 '), refusedOnly.includes('#1 ')]).toEqual([true, false])
    const again = await maintainer.submit(`${PROJECT}/trigger_requests/1/replay`)
    expect(again.said).toBe('Request #1 was sent again.')
    expect(again.text).toContain('WHERE in-the-vault trigger')

    expect((await owner.submit(`${path}/take_ownership`)).said).toContain('is yours')
    expect(server.app.store.triggers.find(trigger?.id ?? 0)?.ownerId).toBe(1)
    expect((await owner.submit(`${path}/revoke`)).said).toContain('was revoked.')
    expect((await owner.post(`${path}/revoke`)).status).toBe(404)
    expect((await owner.submit(`${PROJECT}/trigger_requests/1/replay`)).said).toMatch(
      /^Request #1 was refused: .*revoked/,
    )
  })

  it('show a token once, on a page that is kept nowhere', async () => {
    const made = await maintainer.post(`${PROJECT}/triggers`, { description: 'Once' })
    const target = String(made.headers.location)
    expect((await developer.get('/')).text).not.toContain('id="secret"')
    const foreign = await owner.get(target)
    expect(foreign.text).not.toContain('id="secret"')
    const first = await maintainer.get(target)
    expect([first.text.includes('id="secret"'), first.headers['cache-control']]).toEqual([true, 'no-store'])
    expect((await maintainer.get(target)).text).not.toContain('id="secret"')
  })

  it('without an owner are called legacy', async () => {
    const { engine, store } = server.app
    const made = engine.triggers.create({ projectId: 9, ownerId: null, description: 'old one' })
    const text = textOf((await maintainer.get(`${PROJECT}/triggers`)).text)
    expect(text).toContain('Legacy: it has no owner')
    expect(text).toContain('Take ownership')
    if (made.ok) store.write('normal', () => store.triggers.revoke(made.value.id, 0))
  })

  it.each([
    [{ description: ' ' }, "Description can't be blank"],
    [{ description: 'x'.repeat(2049) }, 'Description is too long (maximum is 2048 characters)'],
    [{ description: 'x', expires_at: 'soon' }, 'Expires at is invalid'],
    [{ description: 'x', expires_at: '2999-01-01' }, 'Expires at must be before'],
  ])('%j: says what is wrong', async (fields, message) => {
    const answer = await maintainer.post(`${PROJECT}/triggers`, fields)
    expect([answer.status, textOf(answer.text).includes(message)]).toEqual([422, true])
  })
})

describe('variables', () => {
  it('are made, changed and deleted, and never shown', async () => {
    const made = await maintainer.submit(`${PROJECT}/variables`, {
      key: 'DEPLOY_KEY',
      value: 'very-secret-value',
      environment_scope: '*',
      masked: '1',
    })
    expect(made.said).toBe('The variable DEPLOY_KEY was made.')
    const [stored] = server.app.store.projectVariables.ofProject(9)
    expect(stored).toMatchObject({ key: 'DEPLOY_KEY', value: 'very-secret-value', masked: true })
    const path = `${PROJECT}/variables/${stored?.id}`
    for (const page of [made.html, (await maintainer.get(`${path}/edit`)).text]) {
      expect(page).not.toContain('very-secret-value')
      expect(page).not.toContain('declared-value')
    }
    expect(made.text).toContain('Declared at runner.config.yaml:12:7 and changed there.')
    const kept = await maintainer.submit(path, {
      value: '',
      environment_scope: 'prod*',
      description: 'For it',
    })
    expect(kept.said).toBe('The variable DEPLOY_KEY was saved.')
    expect(server.app.store.projectVariables.find(stored?.id ?? 0)).toMatchObject({
      value: 'very-secret-value',
      masked: false,
      environmentScope: 'prod*',
      description: 'For it',
    })
    const short = await maintainer.post(path, { value: 'short', environment_scope: '*', masked: '1' })
    expect([short.status, textOf(short.text).includes('Value is invalid')]).toEqual([422, true])
    expect((await maintainer.submit(`${path}/delete`)).said).toBe('The variable DEPLOY_KEY was deleted.')
  })

  it('says what is wrong with a key', async () => {
    const answer = await maintainer.post(`${PROJECT}/variables`, {
      key: 'A B',
      value: 'x',
      environment_scope: '*',
    })
    expect([
      answer.status,
      textOf(answer.text).includes("Key can contain only letters, digits and '_'."),
    ]).toEqual([422, true])
  })
})

describe('environments', () => {
  it('are listed with their deployments, stopped and deleted', async () => {
    const { store } = server.app
    for (const { id } of store.pipelines.newest(9, 50)) server.app.engine.cancel(id)
    const id = await server.pipeline({ variables: [{ key: 'REVIEW', value: '1' }] })
    await server.finish('job')
    await server.finish('review')
    const path = `${PROJECT}/environments`
    const text = textOf((await developer.get(path)).text)
    expect(text).toContain('review/app available')
    expect(text).toMatch(/https:\/\/review\.example .* #1 success main [0-9a-f]{8} review/)
    const [environment] = store.environments.ofProject(9)
    const stopped = await developer.submit(`${path}/${environment?.id}/stop`)
    const stop = store.jobs.ofPipeline(id).find(({ name }) => name === 'stop')
    expect([stopped.path, stopped.said]).toEqual([
      `${PROJECT}/jobs/${stop?.id}`,
      'The environment review/app is being stopped by this job.',
    ])
    await server.finish('stop')
    expect((await developer.submit(`${path}/${environment?.id}/delete`)).said).toBe(
      'The environment review/app was deleted.',
    )
    expect(store.environments.ofProject(9)).toEqual([])
  })
})

describe('access tokens', () => {
  const PATH = '/-/user_settings/personal_access_tokens'

  it('are shown once and revoked, by whose they are', async () => {
    const made = await developer.submit(PATH, { name: 'Script', 'scopes[read_api]': '1' })
    const [, token = ''] = /<code id="secret">(glpat-[\w-]+)<\/code>/.exec(made.html) ?? []
    const projects = () => server.send('/api/v4/projects', { headers: { 'PRIVATE-TOKEN': token } })
    expect((await projects()).status).toBe(200)
    expect((await developer.get(PATH)).text).not.toContain(token)
    const id = server.app.store.accessTokens.findByToken(token)?.id
    expect((await maintainer.post(`${PATH}/${id}/revoke`)).status).toBe(404)
    expect((await developer.submit(`${PATH}/${id}/revoke`)).said).toContain('was revoked')
    expect((await projects()).status).toBe(401)
    expect((await developer.submit(PATH, { name: 'x' })).said).toBe('Scopes are empty')
  })
})

const POSTS = [
  '/logout',
  '/-/user_settings/personal_access_tokens',
  '/-/user_settings/personal_access_tokens/1/revoke',
  'pipelines',
  'pipelines/1/retry',
  'pipelines/1/cancel',
  'pipelines/1/delete',
  ...['play', 'retry', 'cancel', 'unschedule', 'erase', 'artifacts/keep', 'artifacts/delete'].map(
    (verb) => `jobs/1/${verb}`,
  ),
  'pipeline_schedules',
  'pipeline_schedules/1',
  ...['play', 'active', 'take_ownership', 'delete'].map((verb) => `pipeline_schedules/1/${verb}`),
  'triggers',
  'triggers/1/reveal',
  'triggers/1/revoke',
  'triggers/1/take_ownership',
  'trigger_requests/1/replay',
  'variables',
  'variables/1',
  'variables/1/delete',
  'environments/1/stop',
  'environments/1/delete',
].map((path) => (path.startsWith('/') ? path : `${PROJECT}/${path}`))

describe.each(POSTS)('POST %s', (path) => {
  const send = (headers: Readonly<Record<string, string>>) =>
    server.send(path, { ...form({}), headers: { ...form({}).headers, Cookie: owner.cookie, ...headers } })

  it.each([
    [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    [{ 'Sec-Fetch-Site': 'same-site' }],
    [{ Origin: 'https://evil.example' }],
    [{ Origin: 'null' }],
  ])('is refused from another site: %j', async (headers) => {
    expect((await send(headers)).status).toBe(403)
    expect((await owner.get('/')).status).toBe(200)
  })

  it('leads nowhere without a session', async () => {
    // Who is not logged in may log out.
    const expected = path === '/logout' ? 303 : 401
    expect((await server.send(path, form({}))).status).toBe(expected)
  })
})

describe('roles', () => {
  const MAINTAINERS_PAGES = ['triggers', 'trigger_requests', 'variables', 'settings/ci_cd']
  const MAINTAINERS_POSTS = [
    'triggers',
    'triggers/1/revoke',
    'triggers/1/take_ownership',
    'triggers/1/reveal',
    'trigger_requests/1/replay',
    'variables',
    'variables/1',
    'variables/1/delete',
    'jobs/1/artifacts/delete',
  ]

  it.each(MAINTAINERS_PAGES)('%s is for maintainers', async (path) => {
    expect((await developer.get(`${PROJECT}/${path}`)).status).toBe(403)
    expect((await maintainer.get(`${PROJECT}/${path}`)).status).toBe(200)
  })

  it.each(MAINTAINERS_POSTS)('POST %s is for maintainers', async (path) => {
    expect((await developer.post(`${PROJECT}/${path}`)).status).toBe(403)
  })

  it('to delete a pipeline is for owners', async () => {
    expect((await maintainer.post(`${PROJECT}/pipelines/1/delete`)).status).toBe(403)
  })

  it('whoever is no member finds nothing', async () => {
    const outsider = await logIn(server.send, OUTSIDER)
    for (const path of ['pipelines', 'pipeline_schedules', 'triggers', 'environments', 'pipelines/new'])
      expect((await outsider.get(`${PROJECT}/${path}`)).status).toBe(404)
    expect((await outsider.post(`${PROJECT}/pipelines`, { ref: 'main' })).status).toBe(404)
  })

  it('a session ends with logging out', async () => {
    const guest = await logIn(server.send, DEVELOPER)
    await guest.post('/logout')
    expect((await guest.get('/')).status).toBe(401)
  })
})
