import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compilePipeline, type CompileOutcome, type CompileRequest } from '../../src/compile/compile.ts'
import { type Answer, keptAnswer } from '../../src/compile/kept-answers.ts'
import { ZERO_SHA } from '../../src/model/pipeline.ts'
import { openFolderFiles } from '../../src/platform/folder-files.ts'
import { withFile } from '../../src/platform/given-file.ts'
import type { TextStore } from '../../src/platform/text-store.ts'
import { makeFolder } from './kept-answers-support.ts'

const BIG = `#${'-'.repeat(64 * 1024)}\n`

function memoryStore(): TextStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>()
  return { texts, get: (key) => texts.get(key), put: (key, text) => void texts.set(key, text) }
}

/** A push to main of a folder's files. */
function requestFor(root: string, text: string, some: Partial<CompileRequest> = {}): CompileRequest {
  return {
    project: {
      id: 1,
      name: 'group/app',
      path: root,
      repository: root,
      defaultBranch: 'main',
      variables: [],
      configPath: '.gitlab-ci.yml',
      createdAt: 0,
    },
    repository: withFile(openFolderFiles(root), '.gitlab-ci.yml', text),
    configPath: '.gitlab-ci.yml',
    treeSha: ZERO_SHA,
    sha: ZERO_SHA,
    beforeSha: ZERO_SHA,
    ref: 'main',
    tag: false,
    tagMessage: null,
    source: 'push',
    pipelineVariables: [],
    user: { id: 1, username: 'root', name: 'Ada', email: 'ada@example.com' },
    triggered: false,
    scheduleDescription: null,
    server: { url: 'http://127.0.0.1:8929', version: '18.5.0' },
    createdAt: 0,
    inputs: {},
    selection: null,
    forRun: false,
    ...some,
  }
}

function answerOf(outcome: CompileOutcome): Answer<unknown> {
  if (outcome.kind === 'plan') return { value: outcome.plan, sources: outcome.config.sources }
  if (outcome.kind === 'invalid') return { value: outcome.diagnostics, sources: null }
  return {
    value: outcome.kind,
    sources: 'config' in outcome && outcome.config ? outcome.config.sources : null,
  }
}

/** Asks as `list` does; also tells whether the answer had to be worked out. */
async function ask(store: TextStore, request: CompileRequest, about = 'list') {
  let found = false
  const value = await keptAnswer(store, { about: [about], request }, async (asked) => {
    found = true
    return answerOf(await compilePipeline(asked))
  })
  return { value, found }
}

const job = 'unit: {script: ["true"]}\n'

it('answers the second time from the store', async () => {
  const store = memoryStore()
  const request = requestFor(makeFolder({}), job + BIG)
  const first = await ask(store, request)
  const again = await ask(store, { ...request, createdAt: 86_400_000 })
  expect([first.found, again.found]).toEqual([true, false])
  expect(again.value).toEqual(first.value)
})

it('does not look at the store for a small file', async () => {
  const store = memoryStore()
  await ask(store, requestFor(makeFolder({}), job))
  expect(store.texts.size).toBe(0)
})

it.each<[string, Partial<CompileRequest>]>([
  ['ref', { ref: 'other' }],
  ['commit', { sha: '1'.repeat(40) }],
  ['source', { source: 'web' }],
  ['user', { user: null }],
  ['inputs', { inputs: { a: 'b' } }],
  [
    'variables',
    { pipelineVariables: [{ key: 'A', value: 'b', file: false, raw: false, masked: false, origin: 'run' }] },
  ],
])('asks anew when the %s changed', async (_, some) => {
  const store = memoryStore()
  const root = makeFolder({})
  await ask(store, requestFor(root, job + BIG))
  const request = requestFor(root, job + BIG, some)
  const known = { ...request.repository, commit: () => openFolderFiles(root).commit(ZERO_SHA) }
  expect((await ask(store, { ...request, repository: known })).found).toBe(true)
})

it('asks anew for another command', async () => {
  const store = memoryStore()
  const request = requestFor(makeFolder({}), job + BIG)
  await ask(store, request, 'list')
  expect((await ask(store, request, 'lint')).found).toBe(true)
})

it('asks anew when the file or one that it includes changed', async () => {
  const store = memoryStore()
  const including = `include: ci/*.yml\n${BIG}`
  const folder = { 'ci/unit.yml': job }
  const root = makeFolder(folder)
  const request = requestFor(root, including)
  const jobNames = async (of: CompileRequest) => {
    const { value, found } = await ask(store, of)
    return [found, ...[...JSON.stringify(value).matchAll(/"name":"(\w+)","stage"/g)].map(([, name]) => name)]
  }
  expect(await jobNames(request)).toEqual([true, 'unit'])
  expect(await jobNames(request)).toEqual([false, 'unit'])
  makeFolder({ 'ci/unit.yml': 'other: {script: ["true"]}\n' }, root)
  expect(await jobNames(request)).toEqual([true, 'other'])
  makeFolder({ 'ci/more.yml': job }, root)
  expect(await jobNames(request)).toEqual([true, 'unit', 'other'])
  makeFolder({ 'README.md': 'not asked for by content' }, root)
  expect(await jobNames(requestFor(root, `${including}# changed\n`))).toEqual([true, 'unit', 'other'])
})

it('asks anew when a file came that rules look for', async () => {
  const store = memoryStore()
  const root = makeFolder({})
  const request = requestFor(
    root,
    `${job}docker: {script: ["true"], rules: [{exists: [Dockerfile]}]}\n${BIG}`,
  )
  await ask(store, request)
  expect((await ask(store, request)).found).toBe(false)
  makeFolder({ Dockerfile: 'FROM scratch' }, root)
  const { found, value } = await ask(store, request)
  expect([found, JSON.stringify(value).includes('"name":"docker"')]).toEqual([true, true])
})

it.each([
  ['the time', `unit: {script: ["true"], rules: [{if: '$CI_PIPELINE_CREATED_AT =~ /^1970/'}]}\n`, {}],
  [
    'files of elsewhere',
    'include: {project: group/lib, file: unit.yml}\n',
    { '.sluice/includes/projects/group/lib/HEAD/unit.yml': job },
  ],
  ['a mistake', 'unit: {script: 1.5, stage: none}\n', {}],
])('keeps no answer that depends on %s', async (_, text, files) => {
  const store = memoryStore()
  await ask(store, requestFor(makeFolder(files), text + BIG))
  expect(store.texts.size).toBe(0)
})

it.each([
  '',
  'null',
  '{}',
  '{"calls":[{}],"value":1}',
  '{"calls":[{"method":"close","args":[],"answer":""}],"value":1}',
])('asks anew when the store holds %j', async (text) => {
  const request = requestFor(makeFolder({}), job + BIG)
  const { value, found } = await ask({ get: () => text, put: () => undefined }, request)
  expect([found, value]).toEqual([true, (await ask(memoryStore(), request)).value])
})

const cases = join(import.meta.dirname, '../../fixtures/ci')

it.each(readdirSync(cases))('says the same from the store as without: %s', async (name) => {
  const root = join(cases, name)
  const text = readFileSync(join(root, '.gitlab-ci.yml'), 'utf8')
  // A comment behind a block scalar without an end would belong to it; in front of the file it never does.
  const request = requestFor(root, BIG + text)
  const without = answerOf(await compilePipeline(request))
  const store = memoryStore()
  const first = await ask(store, request)
  const again = await ask(store, request)
  expect(JSON.stringify(first.value)).toBe(JSON.stringify(without.value))
  expect(JSON.stringify(again.value)).toBe(JSON.stringify(without.value))
  expect(again.found).toBe(store.texts.size === 0)
})
