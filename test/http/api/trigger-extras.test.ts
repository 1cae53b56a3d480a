import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { form, jsonBody, type Received, type Sent } from '../support/request.ts'
import { refusal } from '../support/engine.ts'
import { ACCESS_TOKEN, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.close())

const PATH = '/api/v4/projects/9/trigger/pipeline'

interface Made {
  readonly id: number
  readonly token: string
  readonly webhook_secret?: string
}

async function create(fields: Readonly<Record<string, unknown>> = {}): Promise<Made> {
  const sent = jsonBody({ description: 'bot', ...fields }, { 'PRIVATE-TOKEN': ACCESS_TOKEN })
  const received = await server.send('/api/v4/projects/9/triggers', sent)
  expect(received.status).toBe(201)
  return JSON.parse(received.text) as Made
}

function trigger(
  token: string,
  fields: Readonly<Record<string, string>> = {},
  headers = {},
  query = '',
): Promise<Received> {
  const sent = form({ token, ref: 'main', ...fields })
  return server.send(PATH + query, { ...sent, headers: { ...sent.headers, ...headers } })
}

async function deliveries(): Promise<Record<string, unknown>[]> {
  return JSON.parse((await server.get('/projects/9/trigger_requests')).text) as Record<string, unknown>[]
}

const base = (text: string): string => JSON.stringify({ message: { base: [text] } })

describe('a token that is narrowed', () => {
  it.each([
    [
      'another ref',
      { allowed_refs: ['release/*'] },
      {},
      "You do not have sufficient permission to run a pipeline on 'main'. Please select a different branch or contact your administrator for assistance.",
    ],
    [
      'another variable',
      { allowed_variables: ['A'] },
      { 'variables[B]': '1' },
      'Variable "B" is not allowed for this trigger',
    ],
    [
      'another value',
      { allowed_variables: { A: ['x', 'y*'] } },
      { 'variables[A]': 'z' },
      'The value of variable "A" is not allowed for this trigger',
    ],
    [
      'a fixed variable',
      { fixed_variables: { A: 'x' } },
      { 'variables[A]': 'z' },
      'Variable "A" is fixed for this trigger',
    ],
  ])('is refused %s', async (_what, limits, sent, text) => {
    const { token } = await create(limits)
    const received = await trigger(token, sent)
    expect([received.status, received.text]).toEqual([400, base(text)])
    expect(server.engine.commands).toEqual([])
  })

  it.each([
    [{ allowed_refs: ['rel*', 'ma*'] }, {}],
    [{ allowed_variables: { A: ['x', 'y*'] } }, { 'variables[A]': 'yes' }],
    [{ allowed_networks: ['127.0.0.0/8'] }, {}],
  ])('%j lets %j through', async (limits, sent) => {
    const { token } = await create(limits)
    expect((await trigger(token, sent)).status).toBe(201)
  })

  it('gives its fixed variables to every run', async () => {
    const { token } = await create({ fixed_variables: { A: 'x' } })
    expect((await trigger(token)).status).toBe(201)
    expect(server.engine.commands[0]).toMatchObject({
      fixedVariables: ['A'],
      variables: [{ key: 'A', value: 'x' }, { key: 'TRIGGER_PAYLOAD' }],
    })
  })

  it('is unknown from another network, and the record says why', async () => {
    const { token } = await create({ allowed_networks: ['10.0.0.0/8'] })
    const received = await trigger(token)
    expect([received.status, received.text]).toEqual([404, '{"message":"404 Not Found"}'])
    expect((await deliveries())[0]?.['reason']).toBe(
      '127.0.0.1 is not in the allowed_networks of trigger "bot"',
    )
  })

  it("is limited in rate, on loopback too, with GitLab's headers", async () => {
    const { token } = await create({ rate_limit: 2 })
    const answers = [await trigger(token), await trigger(token), await trigger(token)]
    expect(answers.map((each) => each.status)).toEqual([201, 201, 429])
    expect(answers[0]?.headers['ratelimit-limit']).toBeUndefined()
    expect(answers[2]?.text).toBe('Retry later')
    expect(answers[2]?.headers).toMatchObject({
      'content-type': 'text/plain',
      'ratelimit-limit': '2',
      'ratelimit-observed': '3',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1478252220',
      'ratelimit-resettime': 'Fri, 04 Nov 2016 09:37:00 GMT',
      'retry-after': '47',
    })
  })

  it('shows its limits to maintainers, fixed values to its owner', async () => {
    const { id } = await create({ allowed_refs: 'main', fixed_variables: { A: 'x' }, rate_limit: 5 })
    const shown = JSON.parse((await server.get(`/projects/9/triggers/${id}`)).text) as unknown
    expect(shown).toMatchObject({
      allowed_refs: ['main'],
      fixed_variables: { A: 'x' },
      rate_limit: 5,
      allowed_variables: null,
      allowed_networks: null,
      signed: false,
    })
    const lifted = await server.send(`/api/v4/projects/9/triggers/${id}`, {
      ...jsonBody(
        { allowed_refs: null, fixed_variables: null, rate_limit: null },
        { 'PRIVATE-TOKEN': ACCESS_TOKEN },
      ),
      method: 'PUT',
    })
    expect(Object.keys(JSON.parse(lifted.text) as object)).not.toContain('allowed_refs')
  })

  it('is freed by empty values, as a form has them', async () => {
    const { id } = await create({ allowed_refs: ['main'], fixed_variables: { A: 'x' }, rate_limit: 5 })
    const empty = form({ allowed_refs: '', fixed_variables: '', rate_limit: '' })
    const lifted = await server.send(`/api/v4/projects/9/triggers/${id}`, {
      ...empty,
      method: 'PUT',
      headers: { ...empty.headers, 'PRIVATE-TOKEN': ACCESS_TOKEN },
    })
    expect(lifted.status).toBe(200)
    expect(Object.keys(JSON.parse(lifted.text) as object)).not.toContain('rate_limit')
  })
})

describe('a signed trigger', () => {
  const body = '{"ref":"refs/heads/main","object_kind":"push"}'

  async function deliver(token: string, headers: Readonly<Record<string, string>>): Promise<Received> {
    const sent: Sent = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body }
    return await server.send(`${PATH}?token=${token}`, sent)
  }

  const signed = (secret: string, id: string, seconds: number): Record<string, string> => {
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
    const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
    return {
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,AAAA v1,${signature}`,
    }
  }

  it('takes a signature once, and within five minutes', async () => {
    const { token, webhook_secret: secret = '' } = await create({ webhook_secret: 'generate' })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const now = Math.floor(server.clock.time / 1000)
    expect((await deliver(token, signed(secret, 'msg_1', now))).status).toBe(201)
    const again = await deliver(token, signed(secret, 'msg_1', now + 1))
    expect([again.status, again.text]).toEqual([
      409,
      '{"message":"409 Conflict - this webhook-id was delivered before"}',
    ])
    for (const wrong of [
      signed(secret, 'msg_2', now - 301),
      signed(secret, 'msg_2', now + 301),
      { ...signed(secret, 'msg_2', now), 'webhook-id': 'msg_3' },
      signed('whsec_AAAA', 'msg_2', now),
      {},
    ]) {
      const refused = await deliver(token, wrong)
      expect([refused.status, refused.text]).toEqual([401, '{"message":"401 Unauthorized"}'])
    }
    expect((await deliver(token, signed(secret, 'msg_2', now - 299))).status).toBe(201)
    expect((await deliveries()).map((each) => each['reason'])).toContain(
      'webhook-timestamp is more than 300 seconds away from now',
    )
  })

  it('has no empty key when its secret is no base64', async () => {
    const { token } = await create({ webhook_secret: 'whsec_!!' })
    const now = Math.floor(server.clock.time / 1000)
    expect((await deliver(token, signed('whsec_', 'msg_9', now))).status).toBe(401)
    expect((await deliver(token, { 'X-Gitlab-Token': 'whsec_!!' })).status).toBe(201)
  })

  it.each([
    ['X-Gitlab-Token', 'hush', 201],
    ['X-Gitlab-Token', 'hus', 401],
    ['X-Hub-Signature-256', `sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`, 201],
    ['X-Hub-Signature-256', `sha256=${createHmac('sha256', 'hush').update('x').digest('hex')}`, 401],
  ])('%s: %s', async (name, value, status) => {
    const { token } = await create({ webhook_secret: 'hush' })
    expect((await deliver(token, { [name]: value })).status).toBe(status)
  })

  it('shows its secret once', async () => {
    const { id } = await create({ webhook_secret: 'hush' })
    const shown = (await server.get(`/projects/9/triggers/${id}`)).text
    expect(shown).toContain('"signed":true')
    expect(shown).not.toContain('hush')
  })

  it('the headers mean nothing to a trigger without a secret', async () => {
    const { token } = await create()
    expect((await deliver(token, { 'X-Gitlab-Token': 'anything', 'webhook-signature': 'v1,x' })).status).toBe(
      201,
    )
  })
})

describe('Idempotency-Key', () => {
  const key = { 'Idempotency-Key': 'abc' }

  it('answers the second with the first pipeline, another body with 409', async () => {
    const { token } = await create()
    const first = await trigger(token, { 'variables[A]': '1' }, key)
    const second = await trigger(token, { 'variables[A]': '1' }, key)
    expect([first.status, second.status]).toEqual([201, 200])
    expect(JSON.parse(second.text).id).toBe(JSON.parse(first.text).id)
    expect([first.headers['idempotent-replayed'], second.headers['idempotent-replayed']]).toEqual([
      undefined,
      'true',
    ])
    const other = await trigger(token, { 'variables[A]': '2' }, key)
    expect([other.status, other.text]).toEqual([
      409,
      '{"message":"409 Conflict - this Idempotency-Key was used for another request"}',
    ])
    expect(server.engine.commands).toHaveLength(1)
    expect(
      (await deliveries()).slice(0, 3).map((each) => [each['status'], each['idempotent_replay']]),
    ).toEqual([
      [409, false],
      [200, true],
      [201, false],
    ])
  })

  it('is remembered for a day, for one token, and not for a refusal', async () => {
    const { token } = await create()
    const { token: other } = await create()
    server.engine.answer = () => refusal('reference_not_found', 'Reference not found')
    expect((await trigger(token, {}, key)).status).toBe(400)
    server.engine.answer = undefined
    expect((await trigger(token, {}, key)).status).toBe(201)
    expect((await trigger(other, {}, key)).status).toBe(201)
    server.clock.time += 24 * 3600_000 + 1
    expect((await trigger(token, {}, key)).status).toBe(201)
    expect((await trigger(token, {}, key)).status).toBe(200)
  })

  it('makes one pipeline of many requests at once', async () => {
    const { token } = await create()
    const answers = await Promise.all(Array.from({ length: 20 }, () => trigger(token, {}, key)))
    expect(answers.filter((each) => each.status === 201)).toHaveLength(1)
    expect(new Set(answers.map((each) => JSON.parse(each.text).id as number)).size).toBe(1)
  })
})

describe('wait', () => {
  it('holds the answer until the pipeline has ended', async () => {
    const { token } = await create()
    const waiting = trigger(token, {}, {}, '?wait=true&timeout=60')
    await expect.poll(() => server.clock.timers.map(({ ms }) => ms)).toEqual([60_000])
    const [pipeline] = server.store.pipelines.newest(9, 1)
    const pipelineId = pipeline?.id ?? 0
    server.store.pipelines.setStatus(pipelineId, 'failed', server.clock.time, {
      started: true,
      finished: true,
    })
    server.engine.announce({ type: 'pipeline', pipelineId, projectId: 9, from: 'running', to: 'failed' })
    const received = await waiting
    expect([received.status, received.headers['sluice-wait']]).toEqual([201, 'finished'])
    expect(JSON.parse(received.text)).toMatchObject({ id: pipelineId, status: 'failed' })
    expect(server.clock.timers).toEqual([])
  })

  it('answers with what is when the time is over', async () => {
    const { token } = await create()
    const waiting = trigger(token, { wait: 'true', timeout: '7' })
    await expect.poll(() => server.clock.timers.map(({ ms }) => ms)).toEqual([7000])
    server.clock.timers[0]?.run()
    const received = await waiting
    expect([received.status, received.headers['sluice-wait'], JSON.parse(received.text).status]).toEqual([
      201,
      'timeout',
      'created',
    ])
  })

  it("waits no longer than the limit, and is not read from a stranger's body", async () => {
    const { token } = await create()
    const hook = jsonBody({ ref: 'main', wait: true, timeout: 'soon', dry_run: true })
    expect((await server.send(`${PATH}?token=${token}`, hook)).status).toBe(201)
    const waiting = trigger(token, {}, {}, '?wait=1&timeout=999999')
    await expect.poll(() => server.clock.timers.map(({ ms }) => ms)).toEqual([3_600_000])
    server.clock.timers[0]?.run()
    await waiting
    const wrong = await trigger(token, { wait: 'perhaps' })
    expect([wrong.status, wrong.text]).toEqual([400, '{"error":"wait is invalid"}'])
  })
})

describe('dry run', () => {
  it('gives the plan with its rules, and makes nothing', async () => {
    const { token } = await create()
    const location = { file: '.gitlab-ci.yml', line: 3, column: 1, endLine: 3, endColumn: 9 }
    const steps = [
      { label: 'rule 1', matched: false, clause: 'if: $CI_COMMIT_TAG', detail: 'it is null', location },
    ]
    server.engine.previewed = () => ({
      kind: 'refused',
      refusal: {
        reason: 'filtered_by_rules',
        message:
          'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
        detail: null,
        diagnostics: [],
        sources: new Map(),
      },
      excluded: [{ job: 'deploy', stage: 'deploy', in: false, because: 'no rule matched', steps, location }],
      workflow: [],
    })
    const received = await trigger(token, { dry_run: 'true' })
    expect([received.status, JSON.parse(received.text)]).toEqual([
      400,
      {
        message: {
          base: [
            'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
          ],
        },
        dry_run: true,
        excluded: [
          {
            name: 'deploy',
            stage: 'deploy',
            because: 'no rule matched',
            rules: [
              {
                label: 'rule 1',
                matched: false,
                clause: 'if: $CI_COMMIT_TAG',
                detail: 'it is null',
                file: '.gitlab-ci.yml',
                line: 3,
              },
            ],
          },
        ],
        workflow: [],
      },
    ])
    expect(server.engine.commands).toEqual([])
    expect(server.store.pipelines.newest(9, 1)).toEqual([])
  })
})
