import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'
import { temporaryFolder } from '../support/git.ts'

const folder = temporaryFolder()

function read(text: string): ReturnType<typeof readSettings> {
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, text)
  return readSettings(file, {})
}

const GITLAB = {
  yamlBytes: 2 * 1024 ** 2,
  yamlDepth: 100,
  includes: 150,
  totalYamlBytes: 300 * 1024 ** 2,
  needs: 50,
  pipelineJobs: 0,
  compileSeconds: 30,
  compileMemory: 512 * 1024 ** 2,
}

it.each(['{}\n', 'language:\n', 'language: {}\n'])(
  'has the limits of GitLab where %j says nothing',
  (text) => {
    expect(read(text)).toMatchObject({ ok: true, value: { language: GITLAB } })
  },
)

it('takes each from its key', () => {
  const text = `language:
  max_yaml_size_bytes: 1 MiB
  max_yaml_depth: 20
  ci_max_includes: 0
  ci_max_total_yaml_size_bytes: 1000
  ci_needs_size_limit: 10
  ci_pipeline_size: 500
  compile_seconds: 5
  compile_memory: 64 MiB
`
  expect(read(text)).toMatchObject({
    ok: true,
    value: {
      language: {
        yamlBytes: 1024 ** 2,
        yamlDepth: 20,
        includes: 0,
        totalYamlBytes: 1000,
        needs: 10,
        pipelineJobs: 500,
        compileSeconds: 5,
        compileMemory: 64 * 1024 ** 2,
      },
    },
  })
})

describe('what is wrong is told with its place', () => {
  it.each([
    ['language: {ci_max_include: 1}', '1:12 config.unknown_key unknown key "ci_max_include" in language'],
    ['language: {max_yaml_depth: 0}', '1:28 config.wrong_type'],
    ['language: {compile_seconds: 0}', '1:29 config.wrong_type'],
    ['language: {max_yaml_size_bytes: big}', '1:33 config.wrong_type'],
    ['language: {compile_memory: 8 MiB}', '1:28 config.wrong_type'],
    ['language: [a]', '1:11 config.wrong_type language must be a mapping'],
  ])('%s', (text, problem) => {
    const result = read(text)
    const found = result.ok
      ? []
      : result.error.diagnostics.map(
          ({ code, location, message }) => `${location?.line}:${location?.column} ${code} ${message}`,
        )
    expect(found).toEqual([expect.stringContaining(problem)])
  })
})
