import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CompileRequest } from '../../src/compile/compile.ts'
import type { IncludeSources, ServedSource } from '../../src/compile/include-sources.ts'
import { variable } from '../../src/model/variable.ts'
import { openRepository } from '../../src/platform/git.ts'
import type { IncludeSettings } from '../../src/settings/settings.ts'
import {
  type Files,
  makeRepository,
  temporaryFolder,
  type TestRepository,
  writeFiles,
} from '../support/git.ts'
import { compile, jobsIn } from './support.ts'

const app = (config: string, files: Files = {}): TestRepository =>
  makeRepository({ files: { '.gitlab-ci.yml': config, ...files } })

function sources(settings: Partial<IncludeSettings>, served?: ServedSource): IncludeSources {
  return {
    settings: { projects: new Map(), remote: new Map(), templates: null, cache: null, ...settings },
    served: (name) => (served?.project.name === name ? served : undefined),
  }
}

const from = (settings: Partial<IncludeSettings>): Partial<CompileRequest> => ({
  includes: sources(settings),
})

function folderWith(files: Files): string {
  const folder = temporaryFolder()
  writeFiles(folder, files)
  return folder
}

describe('local files', () => {
  it('are read from the commit of the pipeline', async () => {
    const repository = app('include: ci/a.yml', { 'ci/a.yml': 'a: {script: x}' })
    const first = repository.git('rev-parse', 'HEAD')
    repository.commit('second', { 'ci/a.yml': 'b: {script: x}' })
    expect(jobsIn(await compile(repository))).toEqual(['b'])
    expect(jobsIn(await compile(repository, { treeSha: first }))).toEqual(['a'])
  })

  it('give a hash over all files', async () => {
    const root = 'include: a.yml'
    const outcome = await compile(app(root, { 'a.yml': 'a: {script: x}' }))
    const hash = createHash('sha256').update(`${root}\0a.yml\0a: {script: x}`).digest('hex')
    expect(outcome).toMatchObject({ kind: 'plan', configSha256: hash })
  })

  it.each([
    ['../outside.yml', 'a path is relative to the root of the repository and stays in it'],
    ['link.yml', /^in commit [0-9a-f]{8} it is a symbolic link or a submodule, which GitLab does not read$/],
    ['new.yml', /^not in commit [0-9a-f]{8}; it exists in your work tree but is not committed$/],
    ['reel.yml', /^not in commit [0-9a-f]{8}; did you mean "real.yml"\?$/],
  ])('that are not there: %s', async (path, help) => {
    const repository = app(`include: ${path}`, {
      'link.yml': { link: 'real.yml' },
      'real.yml': 'a: {script: x}',
    })
    repository.write({ 'new.yml': 'a: {script: x}' })
    expect(await compile(repository)).toMatchObject({
      kind: 'invalid',
      diagnostics: [
        {
          message: `Local file \`${path}\` does not exist!`,
          help: expect.stringMatching(help),
          location: { file: '.gitlab-ci.yml', line: 1, column: 10 },
        },
      ],
    })
  })

  it('see the variables of project and trigger, and the predefined ones', async () => {
    const repository = app('include: {local: "ci/$CI_COMMIT_BRANCH-$WHAT.yml"}', {
      'ci/main-x.yml': 'a: {script: x}',
    })
    const pipelineVariables = [variable('WHAT', 'x', 'trigger')]
    expect(jobsIn(await compile(repository, { pipelineVariables }))).toEqual(['a'])
  })

  it('changed since the last push let a rule hold', async () => {
    const repository = app('include: {local: a.yml, rules: [{changes: [src/*]}]}\nb: {script: x}', {
      'a.yml': 'a: {script: x}',
    })
    const beforeSha = repository.git('rev-parse', 'HEAD')
    repository.commit('docs', { 'docs/x': '1' })
    expect(jobsIn(await compile(repository, { beforeSha }))).toEqual(['b'])
    repository.commit('code', { 'src/x': '1' })
    expect(jobsIn(await compile(repository, { beforeSha }))).toEqual(['a', 'b'])
  })
})

describe('other projects', () => {
  const config = 'include: {project: lib/ci, ref: v1, file: [/a.yml, b.yml]}'
  const library = (): TestRepository => {
    const repository = makeRepository({
      files: {
        'a.yml': 'include: {local: /deep/c.yml}\na: {script: old}',
        'b.yml': 'b: {script: x}',
        'deep/c.yml': 'c: {script: x}',
      },
    })
    repository.git('tag', 'v1')
    repository.commit('second', { 'a.yml': 'newer: {script: x}' })
    return repository
  }

  it('are git repositories named in the configuration, at the ref asked for', async () => {
    const projects = new Map([['lib/ci', library().root]])
    expect(jobsIn(await compile(app(config), from({ projects })))).toEqual(['c', 'a', 'b'])
  })

  it('are taken at HEAD when no ref is named', async () => {
    const projects = new Map([['lib/ci', library().root]])
    const outcome = await compile(app('include: {project: Lib/CI, file: a.yml}'), from({ projects }))
    expect(jobsIn(outcome)).toEqual(['newer'])
    expect(outcome).toMatchObject({
      config: { includes: [{ type: 'file', project: 'lib/ci', ref: 'HEAD', file: 'lib/ci@HEAD:a.yml' }] },
    })
  })

  it('are plain folders, for every ref', async () => {
    const projects = new Map([
      ['lib/ci', folderWith({ 'a.yml': 'a: {script: x}', 'b.yml': 'b: {script: x}' })],
    ])
    expect(jobsIn(await compile(app(config), from({ projects })))).toEqual(['a', 'b'])
  })

  it('are served here', async () => {
    const { gitDir, root } = library()
    const repository = openRepository(gitDir)
    const served: ServedSource = {
      repository,
      project: {
        id: 3,
        name: 'lib/ci',
        path: root,
        repository: gitDir,
        defaultBranch: 'main',
        variables: [],
        configPath: '.gitlab-ci.yml',
        createdAt: 0,
      },
    }
    try {
      expect(jobsIn(await compile(app(config), { includes: sources({}, served) }))).toEqual(['c', 'a', 'b'])
      const denied = await compile(app(config), { includes: sources({}, served), user: null })
      expect(jobsIn(denied)).toEqual(Array(2).fill(DENIED))
    } finally {
      repository.close()
    }
  })

  const DENIED =
    'Project `lib/ci` not found or access denied! Make sure any includes in the pipeline configuration are correctly defined.'

  it('are in the cache by their ref', async () => {
    const cache = folderWith({
      'projects/lib/ci/v1/a.yml': 'a: {script: x}',
      'projects/lib/ci/v1/b.yml': 'b: {script: x}',
    })
    expect(jobsIn(await compile(app(config), from({ cache })))).toEqual(['a', 'b'])
  })

  it('are the own one', async () => {
    const repository = app('include: {project: group/app, file: a.yml}', { 'a.yml': 'a: {script: x}' })
    expect(jobsIn(await compile(repository))).toEqual(['a'])
    expect(jobsIn(await compile(repository, { user: null }))).toEqual(['a'])
  })

  it.each<[string, Partial<CompileRequest>, string]>([
    [
      'a legacy trigger',
      { user: null },
      'a legacy trigger has no user and reaches no other project; give the trigger an owner',
    ],
    [
      'nothing at hand',
      {},
      'Sluice is offline and has no copy of lib/ci at v1: put the files into .sluice/includes/projects/lib/ci/v1/, or name a clone with `includes: {projects: {lib/ci: PATH}}` in runner.config.yaml',
    ],
  ])('are refused with a help: %s', async (_title, some, help) => {
    const projects = new Map([['lib/ci', folderWith({ 'a.yml': 'a: {script: x}' })]])
    const includes = some.user === null ? sources({ projects }) : sources({})
    expect(
      await compile(app('include: {project: lib/ci, ref: v1, file: a.yml}'), { ...some, includes }),
    ).toMatchObject({
      kind: 'invalid',
      diagnostics: [{ message: DENIED, help, location: { line: 1, column: 10 } }],
    })
  })

  it.each([
    ['{project: lib/ci, ref: v9, file: a.yml}', 'Project `lib/ci` reference `v9` does not exist!'],
    ['{project: lib/ci, ref: main~1, file: a.yml}', 'Project `lib/ci` reference `main~1` does not exist!'],
    ['{project: lib/ci, file: nope.yml}', 'Project `lib/ci` file `nope.yml` does not exist!'],
    ['{project: lib/ci, file: ../a.yml}', 'Project `lib/ci` file `../a.yml` does not exist!'],
  ])('%s', async (include, message) => {
    const projects = new Map([['lib/ci', library().root]])
    expect(jobsIn(await compile(app(`include: ${include}`), from({ projects })))).toEqual([message])
  })

  it('are looked at by exists:project', async () => {
    const projects = new Map([['lib/ci', library().root]])
    const rule = (path: string): string =>
      `include: {local: a.yml, rules: [{exists: {paths: [${path}], project: lib/ci, ref: v1}}]}\nz: {script: x}`
    const files = { 'a.yml': 'a: {script: x}' }
    expect(jobsIn(await compile(app(rule('deep/c.yml'), files), from({ projects })))).toEqual(['a', 'z'])
    expect(jobsIn(await compile(app(rule('deep/d.yml'), files), from({ projects })))).toEqual(['z'])
    expect(jobsIn(await compile(app(rule('x'), files)))).toEqual([
      'include:rules:exists:project `lib/ci` not found or access denied',
    ])
  })
})

describe('rules:exists in another project', () => {
  const library = (): TestRepository => {
    const repository = makeRepository({ files: { 'deep/c.yml': 'c' } })
    repository.git('tag', 'v1')
    repository.commit('second', { 'new.yml': 'n' })
    return repository
  }
  const rule = (exists: string): string =>
    `variables: {LIB: lib, DIR: deep, FILE: $DIR/c.yml}\njob: {script: x, rules: [{exists: ${exists}}]}\nz: {script: x}`

  it.each([
    ['{paths: [deep/c.yml], project: lib/ci}', ['job', 'z']],
    ['{paths: [new.yml], project: lib/ci}', ['job', 'z']],
    ['{paths: [new.yml], project: lib/ci, ref: v1}', ['z']],
    ['{paths: [nope.yml], project: lib/ci}', ['z']],
    ['{paths: [$FILE], project: $LIB/ci}', ['job', 'z']],
    ['{regexp: "^deep/", project: lib/ci}', ['job', 'z']],
    [
      '{paths: [a], project: lib/ci, ref: v9}',
      ['Failed to parse rule for job: rules:exists:ref `v9` is not a valid ref in project `lib/ci`'],
    ],
    [
      '{paths: [a], project: lib/no}',
      ['Failed to parse rule for job: rules:exists:project `lib/no` not found or access denied'],
    ],
    ['{paths: [.gitlab-ci.yml], project: group/app}', ['job', 'z']],
    ['{paths: [.gitlab-ci.yml], project: group/app, ref: before}', ['z']],
  ])('%s: %j', async (exists, expected) => {
    const repository = makeRepository({ files: { README: 'x' } })
    repository.git('tag', 'before')
    repository.commit('second', { '.gitlab-ci.yml': rule(exists) })
    const projects = new Map([['lib/ci', library().root]])
    expect(jobsIn(await compile(repository, from({ projects })))).toEqual(expected)
  })

  it('says how to supply it', async () => {
    expect(await compile(app(rule('{paths: [a], project: lib/ci}')))).toMatchObject({
      kind: 'invalid',
      diagnostics: [{ help: expect.stringContaining('includes: {projects: {lib/ci: PATH}}') }],
    })
  })

  it('reaches a served project, which a pipeline without a user does not', async () => {
    const { gitDir, root } = library()
    const repository = openRepository(gitDir)
    const project = {
      id: 2,
      name: 'lib/ci',
      path: root,
      repository: gitDir,
      defaultBranch: 'main',
      variables: [],
      configPath: '.gitlab-ci.yml',
      createdAt: 0,
    }
    const includes = sources({}, { project, repository })
    const app1 = app(rule('{paths: [deep/c.yml], project: lib/ci}'))
    expect(jobsIn(await compile(app1, { includes }))).toEqual(['job', 'z'])
    expect(jobsIn(await compile(app1, { includes, user: null }))).toEqual([
      'Failed to parse rule for job: rules:exists:project `lib/ci` not found or access denied',
    ])
    repository.close()
  })
})

describe('addresses', () => {
  const url = 'https://example.com/ci/a.yml'
  const text = 'a: {script: x}'
  const hash = createHash('sha256').update(text).digest('base64')

  it('are files below the folder of their host', async () => {
    const remote = new Map([['example.com', folderWith({ 'ci/a.yml': text })]])
    expect(jobsIn(await compile(app(`include: ${url}`), from({ remote })))).toEqual(['a'])
  })

  it('are in the cache, also in that of the work tree', async () => {
    const cache = folderWith({ 'remote/example.com/ci/a.yml': text })
    expect(jobsIn(await compile(app(`include: ${url}`), from({ cache })))).toEqual(['a'])
    const repository = app(`include: ${url}`)
    repository.write({ '.sluice/includes/remote/example.com/ci/a.yml': text })
    expect(jobsIn(await compile(repository))).toEqual(['a'])
  })

  it('are checked against their hash', async () => {
    const remote = new Map([['example.com', folderWith({ 'ci/a.yml': text })]])
    const include = (sum: string): TestRepository =>
      app(`include: {remote: "${url}", integrity: sha256-${sum}}`)
    expect(jobsIn(await compile(include(hash), from({ remote })))).toEqual(['a'])
    expect(await compile(include(`${'A'.repeat(43)}=`), from({ remote }))).toMatchObject({
      diagnostics: [
        {
          message: `Remote file \`${url}\` failed integrity check!`,
          help: `the copy at hand has sha256-${hash}`,
        },
      ],
    })
  })

  it('that are not at hand are never fetched', async () => {
    expect(await compile(app(`include: ${url}`))).toMatchObject({
      diagnostics: [
        {
          code: 'include.offline',
          message: `include "${url}" is not in the cache and Sluice is offline`,
          help: 'put a copy at .sluice/includes/remote/example.com/ci/a.yml, or name a folder for the host with `includes: {remote: {"example.com": PATH}}` in runner.config.yaml',
        },
      ],
    })
  })

  it('that the host does not have', async () => {
    const remote = new Map([['example.com', folderWith({ x: '' })]])
    expect(jobsIn(await compile(app(`include: ${url}`), from({ remote })))).toEqual([
      `Remote file \`${url}\` could not be fetched because of HTTP code \`404\` error!`,
    ])
  })

  it('stay in their folder', async () => {
    const folder = folderWith({ 'secret.yml': text, 'web/a.yml': { link: '../secret.yml' } })
    const remote = new Map([['example.com', join(folder, 'web')]])
    for (const path of ['a.yml', '%2e%2e/secret.yml', '..%2fsecret.yml', '../secret.yml']) {
      const outcome = await compile(app(`include: https://example.com/${path}`), from({ remote }))
      expect([path, outcome.kind]).toEqual([path, 'invalid'])
    }
  })

  it('see neither project nor variables', async () => {
    const remote = new Map([
      ['example.com', folderWith({ 'a.yml': 'include: {local: x.yml}\na: {script: x}' })],
    ])
    expect(jobsIn(await compile(app('include: https://example.com/a.yml'), from({ remote })))).toEqual([
      'Local file `x.yml` does not have project!',
    ])
  })
})

describe('templates', () => {
  const config = 'include: {template: Jobs/Build.gitlab-ci.yml}'
  const files = {
    'Jobs/Build.gitlab-ci.yml': 'include: {template: Other.gitlab-ci.yml}\na: {script: x}',
    'Other.gitlab-ci.yml': 'b: {script: x}',
  }

  it('are in a folder or in the cache', async () => {
    expect(jobsIn(await compile(app(config), from({ templates: folderWith(files) })))).toEqual(['b', 'a'])
    const cached = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [`templates/${name}`, text]),
    )
    expect(jobsIn(await compile(app(config), from({ cache: folderWith(cached) })))).toEqual(['b', 'a'])
  })

  it('are not part of Sluice', async () => {
    expect(await compile(app(config))).toMatchObject({
      diagnostics: [
        {
          message: 'Included file `Jobs/Build.gitlab-ci.yml` is empty or does not exist!',
          help: "GitLab's own templates are not part of Sluice: put a copy at .sluice/includes/templates/Jobs/Build.gitlab-ci.yml, or name a folder with `includes: {templates: PATH}` in runner.config.yaml",
        },
      ],
    })
  })
})

describe('components', () => {
  const library = (): TestRepository => {
    const template = (name: string): string =>
      `spec:\n  component: [name, version, reference, sha]\n---\n"${name} $[[ component.version ]] $[[ component.reference ]]": {script: "echo $[[ component.name ]]"}`
    const repository = makeRepository({ files: { 'templates/lint.yml': template('one') } })
    for (const tag of ['1.0.0', '1.2.0', '1.10.0']) {
      repository.commit(tag, { 'templates/lint.yml': template(tag) })
      repository.git('tag', tag)
    }
    repository.commit('2.0.0', { 'templates/lint.yml': null, 'templates/lint/template.yml': template('two') })
    repository.git('tag', '2.0.0')
    repository.commit('pre', { 'templates/lint/template.yml': template('pre') })
    repository.git('tag', '3.0.0-rc1')
    return repository
  }
  const include = (version: string): TestRepository =>
    app(`include: {component: "$CI_SERVER_FQDN/lib/ci/lint@${version}"}`)

  it.each([
    ['1.0.0', '1.0.0 1.0.0 1.0.0'],
    ['1', '1.10.0 1.10.0 1'],
    ['1.2', '1.2.0 1.2.0 1.2'],
    ['~latest', 'two 2.0.0 ~latest'],
    ['3.0.0-rc1', 'pre 3.0.0-rc1 3.0.0-rc1'],
    ['main', 'pre  main'],
  ])('%s', async (version, job) => {
    const projects = new Map([['lib/ci', library().root]])
    expect(jobsIn(await compile(include(version), from({ projects })))).toEqual([job])
  })

  it('are in the cache by host, project and version', async () => {
    const cache = folderWith({
      'components/127.0.0.1:8929/lib/ci/1.0/templates/lint.yml':
        'include: {local: other.yml}\na: {script: x}',
      'components/127.0.0.1:8929/lib/ci/1.0/other.yml': 'b: {script: x}',
    })
    expect(jobsIn(await compile(include('1.0'), from({ cache })))).toEqual(['b', 'a'])
  })

  it.each([
    ['9.9.9', "Component '127.0.0.1:8929/lib/ci/lint@9.9.9' - content not found"],
    [
      '9',
      "Component '127.0.0.1:8929/lib/ci/lint@9' - The partial semantic version reference is not supported for non-catalog resources. Use a tag, branch, or commit SHA instead.",
    ],
  ])('%s is not there', async (version, message) => {
    const projects = new Map([['lib/ci', library().root]])
    expect(jobsIn(await compile(include(version), from({ projects })))).toEqual([message])
  })

  it('of unknown projects', async () => {
    expect(await compile(include('1.0.0'))).toMatchObject({
      diagnostics: [
        {
          message:
            "Component '127.0.0.1:8929/lib/ci/lint@1.0.0' - project does not exist or you don't have sufficient permissions",
          help: expect.stringContaining(
            '.sluice/includes/components/127.0.0.1:8929/lib/ci/1.0.0/templates/lint.yml',
          ),
        },
      ],
    })
  })
})

describe('inputs of the pipeline', () => {
  const config =
    'spec:\n  inputs:\n    env: {options: [dev, prod]}\n    count: {type: number, default: 1}\n    flag: {type: boolean, default: false}\n    list: {type: array, default: []}\n---\n"job-$[[ inputs.env ]]":\n  script: $[[ inputs.list ]]\n  parallel: $[[ inputs.count ]]\n  allow_failure: $[[ inputs.flag ]]\n'

  it.each([
    ['JSON values', { env: 'dev', count: 2, flag: true, list: ['a', 'b'] }],
    ['texts of a form', { env: 'dev', count: '2', flag: 'true', list: '["a", "b"]' }],
  ])('as %s', async (_title, inputs) => {
    expect(await compile(app(config), { inputs })).toMatchObject({
      kind: 'plan',
      plan: {
        jobs: [
          { name: 'job-dev 1/2', allowFailure: true, options: { script: ['a', 'b'] } },
          { name: 'job-dev 2/2' },
        ],
      },
    })
  })

  it('are kept apart in the cache', async () => {
    const repository = app(config)
    const list = ['x']
    expect(jobsIn(await compile(repository, { inputs: { env: 'dev', list } }))).toEqual(['job-dev 1/1'])
    expect(jobsIn(await compile(repository, { inputs: { env: 'prod', list } }))).toEqual(['job-prod 1/1'])
  })

  it('that are wrong are all told, where they are declared', async () => {
    const outcome = await compile(app(config), { inputs: { env: 'pord', count: 'many', nope: 1 } })
    expect(outcome.kind === 'invalid' && outcome.diagnostics).toMatchObject([
      { message: 'unknown input arguments: nope', location: { line: 1 } },
      {
        message: '`env` input: `pord` cannot be used because it is not in the list of allowed options',
        help: 'did you mean "prod"?',
        location: { line: 3, column: 5 },
      },
      { message: '`count` input: provided value is not a number', location: { line: 4 } },
    ])
  })
})

it('a problem of an included file says which includes brought it in', async () => {
  const repository = app('include: a.yml\nz: {script: x}', {
    'a.yml': 'include: [ci/b.yml]',
    'ci/b.yml': '\njob: {scrpt: x}',
  })
  expect(await compile(repository)).toMatchObject({
    kind: 'invalid',
    diagnostics: [
      {
        location: { file: 'ci/b.yml', line: 2, column: 1 },
        related: [
          { message: 'included here', location: { file: 'a.yml', line: 1, column: 11 } },
          { message: 'included here', location: { file: '.gitlab-ci.yml', line: 1, column: 10 } },
        ],
      },
    ],
  })
})

it('a hundred files are read in tens of milliseconds', async () => {
  const files: Record<string, string> = {}
  for (let number = 0; number < 100; number++) {
    files[`ci/${number}.yml`] =
      `job-${number}: {script: [a, b], rules: [{if: $CI_COMMIT_TAG}, {when: always}]}\n`
  }
  const repository = app('include: ci/*.yml', files)
  await compile(repository)
  const started = performance.now()
  expect(jobsIn(await compile(repository))).toHaveLength(100)
  // Ten times what it takes on a machine at rest.
  expect(performance.now() - started).toBeLessThan(1000)
})
