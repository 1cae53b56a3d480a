// A large CI file in the daemon: compiled in the thread that lies beside the program.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rich } from '../../bench/workloads.ts'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { makeHome, startSluice } from '../support/sluice.ts'

const TEXT = `workflow: {name: large}\n${rich(600)}`

/** The address of a daemon that serves one project with a large file; it is killed when the test ends. */
async function serveLarge(language: string): Promise<string> {
  const folder = temporaryFolder()
  const { root } = makeRepository({ files: { '.gitlab-ci.yml': TEXT } })
  const config = join(folder, 'runner.config.yaml')
  writeFileSync(
    config,
    `listen: 127.0.0.1:0\nexecutor: shell\nconcurrency: 1\nlanguage: ${language}\nprojects:\n  - {id: 1, name: group/app, path: ${root}, triggers: [{description: t, token: secret-token, owner: root}]}\n`,
  )
  const daemon = startSluice(makeHome(), ['serve', '--config', config])
  const [, url = ''] = await daemon.says(/Web\s+(http:\/\/127\.0\.0\.1:\d+)\//)
  return url
}

async function trigger(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`${url}/api/v4/projects/1/trigger/pipeline`, {
    method: 'POST',
    body: new URLSearchParams({ token: 'secret-token', ref: 'main' }),
  })
  return { status: answer.status, body: await answer.json() }
}

it('becomes a pipeline, again and again', async () => {
  const url = await serveLarge('{}')
  expect(await trigger(url)).toMatchObject({ status: 201, body: { ref: 'main' } })
  expect(await trigger(url)).toMatchObject({ status: 201, body: { ref: 'main' } })
})

it.each([
  ['{ci_pipeline_size: 500}', 'The number of jobs has exceeded the limit of 500.'],
  ['{max_yaml_size_bytes: 64 KiB}', 'The provided YAML is too big'],
])('is refused beyond %s', async (language, sentence) => {
  const { status, body } = await trigger(await serveLarge(language))
  expect(status).toBe(422)
  expect(JSON.stringify(body)).toContain(sentence)
})
