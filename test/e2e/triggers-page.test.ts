import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { makeHome, startSluice } from '../support/sluice.ts'

const run = promisify(execFile)
const PAGE = join(import.meta.dirname, '../../docs/triggers.md')
const TOKEN = 'glptt-TheTokenOfTheTriggersPage'

interface Line {
  /** What stands above it. */
  readonly status: number
  readonly command: string
}

/** Every curl line of the page, with the status that its comment promises. */
function curlLines(): Line[] {
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
    ([, text = '']) => text,
  )
  return blocks.flatMap((block) =>
    [...block.matchAll(/^# (\d{3}).*\n(curl .*)$/gm)].map(([, status, command = '']) => ({
      status: Number(status),
      command,
    })),
  )
}

it('every curl line of docs/triggers.md is answered as the page says', { timeout: 120_000 }, async () => {
  const home = makeHome()
  const folder = temporaryFolder()
  makeRepository({
    folder: join(folder, 'app'),
    files: {
      '.gitlab-ci.yml':
        'unit:\n  script: echo hello\ndeploy:\n  script: echo deploy\n  rules: [{ if: $CI_COMMIT_TAG }]\n',
    },
  })
  const config = join(folder, 'runner.config.yaml')
  writeFileSync(
    config,
    `projects:\n  - { id: 9, name: group/app, path: app, default_branch: main, triggers: [{ description: page, token: ${TOKEN}, owner: root }] }\n`,
  )
  const state = join(folder, 'state')
  const daemon = startSluice(home, ['serve', '--config', config, '--state', state, '--listen', '127.0.0.1:0'])
  const [, origin = ''] = await daemon.says(/(http:\/\/127\.0\.0\.1:\d+)\/\n/)
  const url = `${origin}/api/v4`
  const access = readFileSync(join(state, 'access-token'), 'utf8').trim()

  async function post(
    path: string,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<Record<string, unknown>> {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'PRIVATE-TOKEN': access, 'Content-Type': 'application/json' },
      body: JSON.stringify(fields),
    })
    return (await answer.json()) as Record<string, unknown>
  }

  const made = await post('/projects/9/triggers', { description: 'made' })
  const doomed = await post('/projects/9/triggers', { description: 'doomed' })
  const signed = await post('/projects/9/triggers', { description: 'signed', webhook_secret: 'hush' })
  const pipeline = await post('/projects/9/trigger/pipeline', { token: TOKEN, ref: 'main' })
  const user = await post('/users', { username: 'eve', name: 'Eve' })
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home.folder,
    URL: url,
    TOKEN,
    ACCESS: access,
    NEXT_MONTH: new Date(Date.now() + 30 * 24 * 3600_000).toISOString().slice(0, 10),
    TRIGGER_ID: String(made['id']),
    DOOMED_ID: String(doomed['id']),
    SIGNED_TOKEN: String(signed['token']),
    SECRET: 'hush',
    REQUEST_ID: '1',
    PIPELINE_ID: String(pipeline['id']),
    USER_ID: String(user['id']),
  }
  writeFileSync(join(home.folder, '.curlrc'), 'silent\nnoproxy = "*"\nwrite-out = "\\n%{http_code}"\n')

  const lines = curlLines()
  expect(lines.length).toBe(readFileSync(PAGE, 'utf8').match(/^curl /gm)?.length)
  const answers: (readonly [string, number, string])[] = []
  for (const { command } of lines) {
    const { stdout } = await run('bash', ['-c', command], { env })
    const [, body = '', status] = /^([\s\S]*)\n(\d{3})$/.exec(stdout) ?? []
    answers.push([command, Number(status), body])
  }
  expect(answers.map(([command, status]) => [command, status])).toEqual(
    lines.map(({ command, status }) => [command, status]),
  )

  const bodyOf = (part: string): unknown =>
    JSON.parse(answers.find(([command]) => command.includes(part))?.[2] ?? 'null')
  expect(bodyOf('dry_run=true')).toMatchObject({
    dry_run: true,
    ref: 'main',
    stages: [{ name: 'test', jobs: [{ name: 'unit', when: 'on_success' }] }],
    excluded: [
      { name: 'deploy', rules: [{ label: 'rule 1', matched: false, clause: 'if: $CI_COMMIT_TAG' }] },
    ],
  })
  expect(bodyOf('wait=true')).toMatchObject({ status: 'success' })
  expect(bodyOf('trigger_requests/$REQUEST_ID"')).toMatchObject({
    status: 201,
    replayable: true,
    short_token: 'TheT',
  })
})
