import { beforeAll, describe, expect, it } from 'vitest'
import { DEVELOPER, liveServer, MAINTAINER, OWNER, type LiveServer } from '../support/live.ts'
import { logIn, textOf, type Browser } from '../support/browser.ts'

const CI = `
variables:
  TARGET:
    value: staging
    description: Where to
    options: [staging, production]
  PLAIN: x
stages: [test, deploy]
unit:
  stage: test
  script: [make test]
deploy:
  stage: deploy
  script: [make deploy]
  when: manual
  manual_confirmation: 'Really <b>deploy</b>?'
tagged:
  stage: deploy
  script: [x]
  only: [tags]
`

let server: LiveServer
let owner: Browser
let maintainer: Browser
let developer: Browser

const PROJECT = '/group/app/-'
const jobOf = (pipeline: number, name: string): number => {
  const job = server.app.store.jobs.ofPipeline(pipeline).findLast((each) => each.name === name)
  if (!job) throw new Error(`no job ${name}`)
  return job.id
}

beforeAll(async () => {
  server = await liveServer({ '.gitlab-ci.yml': CI })
  owner = await logIn(server.send, OWNER)
  maintainer = await logIn(server.send, MAINTAINER)
  developer = await logIn(server.send, DEVELOPER)
})

describe('a new pipeline', () => {
  it('asks for what the CI file describes, filled in from the address', async () => {
    const { status, text } = await developer.get(
      `${PROJECT}/pipelines/new?ref=main&var[TARGET]=production&var[OWN]=%3Cscript%3E&file_var[CONF]=a`,
    )
    expect(status).toBe(200)
    expect(text).toMatch(/<option (?=[^>]*selected)[^>]*>production<\/option>/)
    expect(text).toContain('Where to')
    expect(text).not.toContain('name="var[PLAIN]"')
    expect(text).toMatch(/value="OWN"[^>]*>.*?<textarea[^>]*>&lt;script><\/textarea>/s)
    expect(text).toMatch(/value="CONF"/)
    expect(text).not.toContain('<script>')
  })

  it('shows what would run, and makes nothing', async () => {
    const before = server.app.store.pipelines.newest(9, 100).length
    const answer = await developer.post(`${PROJECT}/pipelines`, { ref: 'main', do: 'preview' })
    const text = textOf(answer.text)
    expect(answer.status).toBe(200)
    expect(text).toContain('2 jobs would be made test unit')
    expect(text).toContain('deploy (manual)')
    expect(text).toMatch(/Left out Job Stage Because tagged deploy/)
    expect(server.app.store.pipelines.newest(9, 100)).toHaveLength(before)
  })

  it('is made with the variables of the form, by whoever sent it', async () => {
    const landed = await developer.submit(`${PROJECT}/pipelines`, {
      ref: 'main',
      'var[TARGET]': 'production',
      'variables[][key]': 'MORE',
      'variables[][value]': 'one\r\ntwo',
      'variables[][type]': 'file',
      do: 'run',
    })
    const [, id = ''] = /^\/group\/app\/-\/pipelines\/(\d+)$/.exec(landed.path) ?? []
    expect(landed.said).toBe('The pipeline was made.')
    expect(landed.text).toContain('Started from the page, as dev.')
    expect(landed.text).toContain('TARGET production web')
    expect(landed.text).toContain('Source web')
    expect(server.app.store.pipelineVariables.of(Number(id))).toMatchObject([
      { key: 'TARGET', value: 'production', origin: 'web', file: false },
      { key: 'MORE', value: 'one\ntwo', origin: 'web', file: true },
    ])
  })

  it.each([
    [{ ref: 'nowhere' }, 'Reference not found'],
    [
      { ref: 'main', 'variables[][key]': 'A B' },
      `Variable key "A B" can contain only letters, digits and '_'.`,
    ],
    [{ ref: 'main', 'inputs[x]': '1' }, 'Given inputs not defined in the `spec` section'],
  ])('%j: says why not', async (fields, message) => {
    const answer = await developer.post(`${PROJECT}/pipelines`, fields)
    expect(answer.status).toBe(422)
    expect(textOf(answer.text)).toContain(message)
  })
})

describe('jobs and pipelines', () => {
  it('run, ask, are tried again, canceled, erased and deleted', async () => {
    const id = await server.pipeline()
    const waiting = textOf((await developer.get(`${PROJECT}/jobs/${jobOf(id, 'deploy')}`)).text)
    expect(waiting).toContain('It waits for the jobs of the stages before it: unit (pending)')
    // What was made before by the page runs first.
    for (const { id: other } of server.app.store.pipelines.newest(9, 100)) {
      if (other !== id) server.app.engine.cancel(other)
    }
    await server.finish('unit', 'tested\n')
    const deploy = jobOf(id, 'deploy')
    const page = await developer.get(`${PROJECT}/jobs/${deploy}`)
    expect(page.text).toContain('Really &lt;b>deploy&lt;/b>?')
    expect((await developer.submit(`${PROJECT}/jobs/${deploy}/play`)).said).toBe(
      'This job asks before it starts: Really <b>deploy</b>?',
    )
    expect(server.app.store.jobs.statusOf(deploy)).toBe('manual')
    const played = await developer.submit(`${PROJECT}/jobs/${deploy}/play`, {
      confirmed: '1',
      'variables[][key]': 'API_TOKEN',
      'variables[][value]': 'hush-hush',
    })
    expect([played.path, played.said]).toEqual([`${PROJECT}/jobs/${deploy}`, 'deploy was started.'])
    expect(played.html).not.toContain('hush-hush')
    expect(played.text).toContain('API_TOKEN')
    const payload = await server.finish('deploy', 'no\n', 1)
    expect(payload.variables).toContainEqual(
      expect.objectContaining({ key: 'API_TOKEN', value: 'hush-hush' }),
    )

    const again = await developer.submit(`${PROJECT}/jobs/${deploy}/retry`)
    expect(again.said).toBe('deploy is tried again.')
    const second = jobOf(id, 'deploy')
    expect(again.path).toBe(`${PROJECT}/jobs/${second}`)
    expect((await developer.submit(`${PROJECT}/jobs/${second}/cancel`)).said).toBe('deploy is canceled.')
    expect(server.app.store.jobs.statusOf(second)).toBe('canceled')
    expect((await developer.submit(`${PROJECT}/jobs/${second}/cancel`)).said).toBe(
      `job ${second} cannot be canceled: it is canceled`,
    )

    const unit = jobOf(id, 'unit')
    expect((await developer.submit(`${PROJECT}/jobs/${unit}/erase`)).said).toBe(
      'To erase the job of somebody else is for maintainers.',
    )
    expect((await maintainer.submit(`${PROJECT}/jobs/${unit}/erase`)).said).toBe(
      'The log and the artifacts were erased.',
    )
    expect(textOf((await developer.get(`${PROJECT}/jobs/${unit}`)).text)).toContain('The log was erased.')

    const deleted = await owner.submit(`${PROJECT}/pipelines/${id}/delete`)
    expect([deleted.path, deleted.said]).toEqual([`${PROJECT}/pipelines`, `Pipeline #${id} was deleted.`])
    expect((await owner.get(`${PROJECT}/pipelines/${id}`)).status).toBe(404)
  })

  it('are listed, filtered and paged', async () => {
    const tag = await server.pipeline({ ref: 'main' })
    server.app.engine.cancel(tag)
    const read = async (query: string) => textOf((await developer.get(`${PROJECT}/pipelines${query}`)).text)
    expect(await read('?source=api')).toContain(`#${tag} main`)
    expect(await read('?source=schedule')).toContain('No pipeline is like that.')
    expect(await read('?ref=nowhere')).toContain('No pipeline is like that.')
    expect(await read('?status=running')).toContain('No pipeline is like that.')
    expect(await read('?page=2')).toContain('Newer Page 2')
    const latest = await developer.get(`${PROJECT}/pipelines/main/latest`)
    expect([latest.status, latest.headers.location]).toEqual([303, `${PROJECT}/pipelines/${tag}`])
    expect((await developer.get('/group/app')).headers.location).toBe(`${PROJECT}/pipelines`)
  })

  it('hide the values of variables from other developers', async () => {
    const id = await server.pipeline({ variables: [{ key: 'WHERE', value: 'in-the-vault' }] })
    server.app.engine.cancel(id)
    const seen = await developer.get(`${PROJECT}/pipelines/${id}`)
    expect(seen.text).not.toContain('in-the-vault')
    expect(textOf(seen.text)).toContain('WHERE. Their values are for maintainers')
    expect((await maintainer.get(`${PROJECT}/pipelines/${id}`)).text).toContain('in-the-vault')
  })
})

describe('the stream of a page', () => {
  it('says look again, and nothing more', async () => {
    const id = await server.pipeline()
    const controller = new AbortController()
    const answer = await fetch(`${server.url}${PROJECT}/pipelines/${id}/events`, {
      headers: { Cookie: developer.cookie },
      signal: controller.signal,
    })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    const reader = answer.body?.getReader()
    const next = async () => new TextDecoder().decode((await reader?.read())?.value)
    expect(await next()).toMatch(/^(?:data: look again\n\n)+$/)
    server.app.engine.cancel(id)
    expect(await next()).toMatch(/^(?:data: look again\n\n)+$/)
    controller.abort()
  })

  it('is for whoever is logged in, and of a page that is there', async () => {
    expect((await server.send(`${PROJECT}/pipelines/1/events`)).status).toBe(401)
    expect((await developer.get(`${PROJECT}/pipelines/99999/events`)).status).toBe(404)
  })
})
