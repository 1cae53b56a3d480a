import { describe, expect, it } from 'vitest'
import { rich } from '../../bench/workloads.ts'
import type { CompileRequest } from '../../src/compile/compile.ts'
import { COMPILER_HERE } from '../../src/compile/compiler.ts'
import { keptCompiler } from '../../src/compile/kept-compiler.ts'
import type { TextStore } from '../../src/platform/text-store.ts'
import { variable } from '../../src/model/variable.ts'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { openRepository } from '../../src/platform/git.ts'
import { makeRepository } from '../support/git.ts'

/** A store that counts what it gave back. */
function countingStore(): TextStore & { hits: number; readonly size: () => number } {
  const kept = new Map<string, string>()
  const store = {
    hits: 0,
    size: () => kept.size,
    get(key: string) {
      const text = kept.get(key)
      if (text !== undefined) store.hits += 1
      return text
    },
    put: (key: string, text: string) => void kept.set(key, text),
  }
  return store
}

const LARGE = rich(300)

function requestOf(text: string, some: Partial<CompileRequest> = {}): CompileRequest {
  const { root, gitDir, git } = makeRepository({ files: { '.gitlab-ci.yml': text, 'src/a.c': 'x' } })
  const sha = git('rev-parse', 'HEAD')
  return {
    project: {
      id: 1,
      name: 'group/app',
      path: root,
      repository: gitDir,
      defaultBranch: 'main',
      variables: [],
      configPath: '.gitlab-ci.yml',
      createdAt: 0,
    },
    repository: openRepository(gitDir),
    configPath: '.gitlab-ci.yml',
    treeSha: sha,
    sha,
    beforeSha: ZERO_SHA,
    ref: 'main',
    tag: false,
    tagMessage: null,
    source: 'push',
    pipelineVariables: [],
    user: null,
    triggered: false,
    scheduleDescription: null,
    server: { url: 'http://127.0.0.1:8929', version: '18.5.0' },
    createdAt: 0,
    inputs: {},
    selection: null,
    forRun: true,
    ...some,
  }
}

const plain = (outcome: object): object => ({ ...outcome, config: null })

describe('the plan of a large file', () => {
  it('is kept, and is then the same but for the time and number of the pipeline', async () => {
    const store = countingStore()
    const compiler = keptCompiler(store, 'one')
    const request = requestOf(LARGE)
    const first = await compiler.compile(request)
    const again = { ...request, createdAt: 86_400_000, pipelineIid: 7 }
    const second = await compiler.compile(again)
    request.repository.close()
    expect([store.size(), store.hits]).toEqual([1, 1])
    expect(first).toMatchObject({ kind: 'plan', plan: { jobs: { length: 300 } } })
    expect(plain(second)).toEqual(plain(await COMPILER_HERE.compile(again)))
    expect(second).toMatchObject({
      predefined: expect.arrayContaining([
        expect.objectContaining({ key: 'CI_PIPELINE_CREATED_AT', value: '1970-01-02T00:00:00Z' }),
      ]),
    })
    request.repository.close()
  })

  it.each([
    ['another build', {}, 'two'],
    ['another event', { source: 'trigger' }, 'one'],
    ['another variable', { pipelineVariables: [variable('REGION', 'us', 'run')] }, 'one'],
    ['other jobs', { selection: ['plain-0'] }, 'one'],
  ] as const)('is not used for %s', async (_, some, build) => {
    const store = countingStore()
    const request = requestOf(LARGE)
    await keptCompiler(store, 'one').compile(request)
    const other = { ...request, ...some }
    const outcome = await keptCompiler(store, build).compile(other)
    expect([store.size(), store.hits]).toEqual([2, 0])
    expect(plain(outcome)).toEqual(plain(await COMPILER_HERE.compile(other)))
    request.repository.close()
  })

  const rows: [string, string, Partial<CompileRequest>][] = [
    ['that is small', 'a: {script: x}', {}],
    ['that looks at the time', `${LARGE}x:\n  script: y\n  rules: [{if: $CI_PIPELINE_CREATED_AT}]\n`, {}],
    ['that looks at its number', `${LARGE}x:\n  script: y\n  rules: [{if: $CI_PIPELINE_IID == "1"}]\n`, {}],
    ['with a mistake', `${LARGE}x: {scrip: y}\n`, {}],
    ['without a job left', `${LARGE}workflow: {rules: [{if: $NONE}]}\n`, {}],
    ['of a child pipeline', LARGE, { upstream: { pipelineId: 1, projectId: 1, jobId: 1 } }],
  ]
  it.each(rows)('is not kept of a file %s', async (_, text, some) => {
    const store = countingStore()
    const request = requestOf(text, some)
    const outcome = await keptCompiler(store, 'one').compile(request)
    expect(store.size()).toBe(0)
    expect(plain(outcome)).toEqual(plain(await COMPILER_HERE.compile(request)))
    request.repository.close()
  })
})
