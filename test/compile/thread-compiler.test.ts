import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { rich } from '../../bench/workloads.ts'
import { NO_INCLUDES } from '../../src/ci/include/port.ts'
import type { CompileRequest } from '../../src/compile/compile.ts'
import { COMPILER_HERE, type Compiler, type PipelineOutcome } from '../../src/compile/compiler.ts'
import { threadCompiler, type ThreadOptions } from '../../src/compile/thread-compiler.ts'
import { openThread } from '../../src/compile/thread/thread.ts'
import { DEFAULT_LANGUAGE_LIMITS } from '../../src/model/language-limits.ts'
import { openRepository } from '../../src/platform/git.ts'
import { makeRepository, temporaryFolder, type Files } from '../support/git.ts'
import { requestFor } from './support.ts'

const entry = join(temporaryFolder(), 'compile-thread.mjs')

beforeAll(() =>
  build({
    entryPoints: ['src/compile/thread/compile-thread.ts'],
    outfile: entry,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  }),
)

const AMPLE: ThreadOptions = {
  entry,
  thread: { time: 60_000, memory: 512 * 1024 ** 2 },
  language: DEFAULT_LANGUAGE_LIMITS,
}

/** Runs `use` with a compiler that is closed afterwards. */
async function withThread<T>(
  use: (compiler: Compiler) => Promise<T>,
  some: Partial<ThreadOptions> = {},
): Promise<T> {
  const compiler = threadCompiler({ ...AMPLE, ...some })
  try {
    return await use(compiler)
  } finally {
    await compiler.close()
  }
}

/** A push to main of a repository with these files. */
async function withRequest<T>(
  files: Files,
  use: (request: CompileRequest) => Promise<T>,
  some: Partial<CompileRequest> = {},
): Promise<T> {
  const { root, gitDir, git } = makeRepository({ files })
  const repository = openRepository(gitDir)
  const sha = git('rev-parse', 'HEAD')
  try {
    return await use(requestFor({ root, gitDir }, repository, sha, some))
  } finally {
    repository.close()
  }
}

const file = (text: string): Files => ({ '.gitlab-ci.yml': text })

/** The document itself stays in the thread: only whether there is one is told. */
function shown(outcome: PipelineOutcome): unknown {
  return 'config' in outcome ? { ...outcome, config: outcome.config !== null } : outcome
}

const PADDING = `# ${'x'.repeat(70_000)}\n`
const INCLUDED = `included:\n  script: y\n${PADDING}`

describe('a large file is compiled in the thread as it would be here', () => {
  const rows: readonly (readonly [string, Files, Partial<CompileRequest>])[] = [
    ['300 jobs', file(rich(300)), {}],
    ['jobs that rules leave out', file(`${PADDING}a: {script: x, rules: [{if: $NONE}]}\nb: {script: y}`), {}],
    ['no job left', file(`${PADDING}a: {script: x, rules: [{if: $NONE}]}`), {}],
    ['a pipeline that is refused', file(`${PADDING}workflow: {rules: [{if: $NONE}]}\na: {script: x}`), {}],
    ['mistakes', file(`${PADDING}a: {scrip: x}\nb: {script: 1}`), {}],
    [
      'a need that rules left out',
      file(`${PADDING}a: {script: x, rules: [{if: $NONE}]}\nb: {script: y, needs: [a]}`),
      {},
    ],
    ['no YAML', file(`${PADDING}a: b: c`), {}],
    ['a job that is not there', file(`${PADDING}a: {script: x}`), { selection: ['c'] }],
    ['a job that is', file(`${PADDING}a: {script: x}\nb: {script: y}`), { selection: ['b'] }],
    [
      'includes, wildcards, rules of files',
      {
        '.gitlab-ci.yml':
          'include: [ci/a.yml, "more/*.yml", {local: b.yml, rules: [{exists: [ci/a.yml]}]}]\nown: {script: x, rules: [{exists: ["ci/*.yml"]}]}\n',
        'ci/a.yml': INCLUDED,
        'more/b.yml': 'more: {script: z}\n',
        'b.yml': 'b: {script: z, rules: [{changes: {paths: [own.txt], compare_to: main}}, {when: manual}]}\n',
      },
      {},
    ],
    ['an include that is not there', file(`${PADDING}include: nowhere.yml\na: {script: x}`), {}],
    [
      'variables of the trigger',
      file(`${PADDING}a: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == "trigger"}]}`),
      { source: 'trigger' },
    ],
  ]
  it.each(rows)('%s', async (_, files, some) => {
    await withRequest(
      files,
      async (request) => {
        const here = await COMPILER_HERE.compile(request)
        const there = await withThread((compiler) => compiler.compile(request))
        expect(shown(there)).toEqual(shown(here))
        for (const simulate of [false, true]) {
          expect(await withThread((compiler) => compiler.lint(request, { simulate, jobs: true }))).toEqual(
            await COMPILER_HERE.lint(request, { simulate, jobs: true }),
          )
        }
      },
      some,
    )
  })

  it('and only a large one: the thread of another build is not started for a small one', async () => {
    const compiled = (text: string): Promise<PipelineOutcome> =>
      withRequest(file(text), (request) =>
        withThread((compiler) => compiler.compile(request), { entry: join(temporaryFolder(), 'none.mjs') }),
      )
    expect((await compiled('a: {script: x}')).kind).toBe('plan')
    expect((await compiled(`a: {script: x}\n${PADDING}`)).kind).toBe('invalid')
    expect((await compiled('a: {script: x, parallel: 200}')).kind).toBe('plan')
    const unfolds = 'script: x, parallel: 200'
    expect((await compiled(`a: {${unfolds}}\nb: {${unfolds}}\nc: {${unfolds}}`)).kind).toBe('invalid')
  })
})

describe('a compilation beyond its limits', () => {
  const START = { file: '.gitlab-ci.yml', line: 1, column: 1 }

  it.each([
    [
      'time',
      { thread: { ...AMPLE.thread, time: 1 } },
      'Request timed out when fetching configuration files.',
      'compiling it took longer than 0.001 s, which language.compile_seconds allows',
    ],
    [
      'memory',
      { thread: { ...AMPLE.thread, memory: 16 * 1024 ** 2 } },
      'The parsed YAML is too big',
      'compiling it took more memory than the 16 MiB that language.compile_memory allows',
    ],
    [
      'a thread that cannot start',
      { entry: join(temporaryFolder(), 'none.mjs') },
      'Undefined error',
      'the thread that compiled it came to an end',
    ],
  ] as const)('%s: is wrong, in words that GitLab has', async (_, some, message, help) => {
    await withRequest(file(rich(3000)), (request) =>
      withThread(async (compiler) => {
        for (let attempt = 0; attempt < 2; attempt++) {
          expect(await compiler.compile(request)).toMatchObject({
            kind: 'invalid',
            diagnostics: [{ message, help, location: START }],
          })
        }
        expect((await compiler.lint(request, { simulate: false, jobs: false })).errors).toEqual([message])
      }, some),
    )
  })

  it('does not keep the next one from its answer', async () => {
    await withRequest(file(rich(3000)), (large) =>
      withRequest(file(`a: {script: x}\n${PADDING}`), (next) =>
        withThread(
          async (compiler) => {
            const outcomes = await Promise.all([compiler.compile(large), compiler.compile(next)])
            expect(outcomes.map(({ kind }) => kind)).toEqual(['invalid', 'plan'])
          },
          { thread: { ...AMPLE.thread, memory: 24 * 1024 ** 2 } },
        ),
      ),
    )
  })

  it.each([
    ['max_yaml_size_bytes', { yamlBytes: 70_000 }, PADDING, 'The provided YAML is too big'],
    ['max_yaml_depth', { yamlDepth: 3 }, 'variables: {A: {value: {x: {}}}}\n', 'The parsed YAML is too big'],
    [
      'ci_max_includes',
      { includes: 1 },
      'include: [{local: a.yml}, {local: a.yml}]\n',
      'Maximum of 1 nested includes are allowed!',
    ],
    [
      'ci_max_total_yaml_size_bytes',
      { totalYamlBytes: 8 },
      'include: [{local: a.yml}]\n',
      'Total size of combined CI/CD configuration is too big',
    ],
    [
      'ci_needs_size_limit',
      { needs: 0 },
      'b: {script: x, needs: [a]}\n',
      'b: one job can only need 0 others, but you have listed 1. See needs keyword documentation for more details',
    ],
    [
      'ci_pipeline_size',
      { pipelineJobs: 2 },
      'b: {script: x, parallel: 2}\n',
      'The number of jobs has exceeded the limit of 2. Try splitting the configuration with parent-child-pipelines https://docs.gitlab.com/ci/debugging/#pipeline-with-many-jobs-fails-to-start',
    ],
  ])('%s', async (_, some, text, message) => {
    const files = { ...file(`a: {script: x}\n${text}`), 'a.yml': '.hidden: {}\n' }
    const language = { ...DEFAULT_LANGUAGE_LIMITS, ...some }
    await withRequest(files, async (request) => {
      const refused = await withThread((compiler) => compiler.compile(request), { language })
      expect(refused).toMatchObject({ kind: 'invalid', diagnostics: [{ message }] })
      if (text.startsWith('variables')) return
      expect(await withThread((compiler) => compiler.compile(request))).toMatchObject({ kind: 'plan' })
    })
  })
})

describe('the thread', () => {
  it('hands on what the port throws', async () => {
    const thread = openThread(entry, AMPLE.thread)
    const port = { ...NO_INCLUDES, read: () => Promise.reject(new Error('git is gone')) }
    const root = { path: 'a.yml', text: 'include: {remote: "https://example.com/a.yml"}' }
    const facts = {
      source: 'push',
      ref: 'main',
      tag: false,
      projectFullPath: 'a/b',
      predefined: [],
      above: [],
    } as const
    const task = { root, inputs: {}, facts, selection: null, forRun: false }
    await expect(thread.perform({ kind: 'plan', task }, port)).rejects.toThrow('git is gone')
    expect(
      await thread.perform(
        { kind: 'plan', task: { ...task, root: { path: 'a.yml', text: 'a: {script: x}' } } },
        port,
      ),
    ).toMatchObject({
      kind: 'plan',
      outcome: { kind: 'plan', plan: { jobs: [{ name: 'a' }] } },
    })
    await thread.close()
  })

  // In milliseconds it is below 10; on a busy machine only the comparison says something.
  it('leaves the event loop to others while it compiles 5,000 jobs, and while the plan comes in', async () => {
    await withRequest(file(rich(5000)), (request) =>
      withThread(async (compiler) => {
        const here = await longestDelay(() => COMPILER_HERE.compile(request))
        const there = await longestDelay(() => compiler.compile(request))
        expect(there).toBeLessThan(here / 3)
      }),
    )
  })
})

/** Milliseconds for which nobody else had a turn. */
async function longestDelay(work: () => Promise<PipelineOutcome>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const outcome = await work()
  // The monitor is a timer itself: it has to have its turn.
  await setTimeout(5)
  delay.disable()
  expect(outcome).toMatchObject({ kind: 'plan', plan: { jobs: { length: 5000 } } })
  return delay.max / 1e6
}
