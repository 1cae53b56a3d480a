import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderDiagnostic } from '../../src/shared/source-text.ts'
import { ALL_LIMITS } from '../../src/settings/limits.ts'
import { readSettings } from '../../src/settings/read.ts'
import { DEFAULT_ISOLATION } from '../../src/model/isolation.ts'
import { DEFAULT_RETENTION } from '../../src/model/retention.ts'
import type { Settings, SettingsProblem } from '../../src/settings/settings.ts'

let folder = ''
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-settings-')))
  for (const name of ['work/.git', 'bare/objects', 'bare/refs', 'plain', 'linked'])
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'bare/HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(join(folder, 'linked/.git'), 'gitdir: ../work/.git/worktrees/linked\n')
  writeFileSync(join(folder, 'token'), 'from-a-file\n')
  writeFileSync(join(folder, 'empty'), '\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (): string => join(folder, 'runner.config.yaml')

function read(text: string, env: Record<string, string> = {}): ReturnType<typeof readSettings> {
  writeFileSync(file(), text)
  return readSettings(file(), env)
}

function settings(text: string, env: Record<string, string> = {}): Settings {
  const result = read(text, env)
  if (!result.ok) throw new Error(result.error.diagnostics.map(({ message }) => message).join('\n'))
  return result.value
}

function problem(text: string, env: Record<string, string> = {}): SettingsProblem {
  const result = read(text, env)
  const found = result.ok ? result.value.leftOut : result.error
  if (found.diagnostics.length === 0) throw new Error('no problem')
  return found
}

/** Each problem as `line:column code message`, the test's folder as `DIR`. */
function problems(text: string, env: Record<string, string> = {}): string[] {
  return problem(text, env).diagnostics.map(({ code, location, message }) =>
    `${location?.line}:${location?.column} ${code} ${message}`.replaceAll(folder, 'DIR'),
  )
}

const project = (more = ''): string => `projects:\n  - id: 9\n    name: local/app\n    path: work\n${more}`

describe('executor, shell and sandbox', () => {
  const OPEN = DEFAULT_ISOLATION.sandbox

  it('of the daemon, and what a project says over it', () => {
    const { isolation, projects } = settings(
      `executor: bubblewrap
shell: sh
sandbox:
  network: none
  bind: [/opt/tools, {path: ./cache, mode: rw}]
  limits: {memory: 2 GiB, pids: 500}
${project('    shell: {name: bash, login: true}\n    sandbox:\n      network: nat\n      limits: {cpu: 1.5, pids: 50}\n')}`,
    )
    expect(isolation).toEqual({
      executor: 'bubblewrap',
      shell: { name: 'sh', login: false },
      sandbox: {
        network: 'none',
        binds: [
          { path: '/opt/tools', writable: false },
          { path: join(folder, 'cache'), writable: true },
        ],
        limits: { memory: 2 * 1024 ** 3, pids: 500, cpu: null },
        allowSecrets: false,
      },
    })
    expect(projects[0]?.isolation).toEqual({
      executor: 'bubblewrap',
      shell: { name: 'bash', login: true },
      sandbox: {
        ...isolation.sandbox,
        network: 'nat',
        limits: { memory: 2 * 1024 ** 3, pids: 50, cpu: 1.5 },
      },
    })
  })

  it('a project without any has those of the daemon', () =>
    expect(settings(`executor: shell\n${project()}`).projects[0]?.isolation).toEqual({
      ...DEFAULT_ISOLATION,
      executor: 'shell',
    }))

  it('secrets are shown when that is said', () => {
    const { isolation } = settings('sandbox: {bind: [~/.ssh], allow_secrets: true}')
    expect(isolation.sandbox).toEqual({
      ...OPEN,
      binds: [{ path: join(homedir(), '.ssh'), writable: false }],
      allowSecrets: true,
    })
  })

  it.each([
    ['sandbox: none', '1:10 config.wrong_type sandbox must be a mapping of keys to values, not "none"'],
    ['sandbox: {net: host}', '1:11 config.unknown_key unknown key "net" in sandbox'],
    [
      'sandbox: {network: of}',
      '1:20 config.invalid_value sandbox.network is "of"; it must be one of host, none, nat',
    ],
    ['sandbox: {bind: [~/.ssh/id_rsa]}', '1:18 config.secret_bind sandbox.bind[0] would show ~/.ssh'],
    ['sandbox: {bind: [{path: "~"}]}', '1:25 config.secret_bind sandbox.bind[0].path would show ~/.ssh'],
    [
      'sandbox: {bind: [/proc/x]}',
      '1:18 config.unusable_bind sandbox.bind[0] /proc/x cannot be shown: /proc belongs to the sandbox',
    ],
    ['sandbox: {bind: [{mode: rw}]}', '1:18 config.missing_key sandbox.bind[0] has no "path"'],
    [
      'sandbox: {bind: [{path: /opt, mode: w}]}',
      '1:37 config.invalid_value sandbox.bind[0].mode is "w"; it must be one of ro, rw',
    ],
    [
      'sandbox: {limits: {memory: 1 KB}}',
      '1:28 config.wrong_type sandbox.limits.memory must be a size such as 2 GiB, at least 16 MiB, not "1 KB"',
    ],
    [
      'sandbox: {limits: {pids: 0}}',
      '1:26 config.wrong_type sandbox.limits.pids must be a whole number from 8 up, not 0 (a number)',
    ],
    [
      'sandbox: {limits: {cpu: all}}',
      '1:25 config.wrong_type sandbox.limits.cpu must be a number of processors such as 2 or 0.5, not "all"',
    ],
    ['shell: zsh', '1:8 config.invalid_value shell is "zsh"; it must be one of auto, bash, sh'],
    ['shell: {login: 1}', '1:16 config.wrong_type shell.login must be true or false, not 1 (a number)'],
  ])('%s', (text, message) => expect(problems(text)).toEqual([message]))
})

describe('a file that is right', () => {
  it.each(['', '# nothing yet\n', 'projects: []\n', 'projects:\nusers:\nlisten:\n', '{}'])(
    'defaults for %j',
    (text) => {
      expect(settings(text)).toEqual({
        file: file(),
        listen: { host: '127.0.0.1', port: 8929 },
        externalUrl: null,
        state: null,
        buildsDir: null,
        concurrency: Math.max(4, availableParallelism()),
        isolation: DEFAULT_ISOLATION,
        logLimit: 1_073_741_824,
        cache: { dir: null, maxSize: 10_737_418_240 },
        artifacts: { expireSeconds: 2_592_000, keepLatest: true },
        retention: DEFAULT_RETENTION,
        backup: null,
        log: null,
        limits: ALL_LIMITS,
        users: [],
        projects: [],
        secretFiles: [],
        leftOut: { diagnostics: [], sources: new Map([[file(), text]]) },
        includes: { projects: new Map(), remote: new Map(), templates: null, cache: null },
        language: {
          yamlBytes: 2_097_152,
          yamlDepth: 100,
          includes: 150,
          totalYamlBytes: 314_572_800,
          needs: 50,
          pipelineJobs: 0,
          compileSeconds: 30,
          compileMemory: 536_870_912,
        },
      })
    },
  )

  it('every key', () => {
    const text = `listen: "[::1]:0"
external_url: https://ci.example.test/
state: state
builds_dir: /var/builds
concurrency: 2
executor: shell
log_limit: 10 MiB
users:
  - username: mia
    name: Mia Muster
    email: mia@example.test
    projects: {9: maintainer}
  - username: ben
projects:
  - id: 9
    name: group/sub/app
    path: ./work
    default_branch: trunk
    variables:
      PLAIN: value
      NUMBER: 1.10
      SECRET: {value: long-enough, masked: true, type: file, environment_scope: review/*, raw: true}
    triggers:
      - {description: nightly, token: abc, owner: mia}
      - {token: def}
    schedules:
      - cron: 0 4 * * *
        ref: main
      - {description: weekly, cron: '0 0 * * 0', timezone: Europe/Berlin, ref: main, active: false, variables: {A: b}}
`
    const variable = {
      file: false,
      raw: false,
      masked: false,
      protected: false,
      environmentScope: '*',
      origin: 'project',
    }
    expect(settings(text)).toMatchObject({
      listen: { host: '::1', port: 0 },
      externalUrl: 'https://ci.example.test',
      state: join(folder, 'state'),
      buildsDir: '/var/builds',
      concurrency: 2,
      isolation: { ...DEFAULT_ISOLATION, executor: 'shell' },
      logLimit: 10_485_760,
      users: [
        {
          username: 'mia',
          name: 'Mia Muster',
          email: 'mia@example.test',
          projects: new Map([[9, 'maintainer']]),
        },
        { username: 'ben', name: 'ben', email: '', projects: new Map() },
      ],
      projects: [
        {
          id: 9,
          name: 'group/sub/app',
          path: join(folder, 'work'),
          kind: 'work-tree',
          defaultBranch: 'trunk',
          variables: [
            { ...variable, key: 'PLAIN', value: 'value' },
            { ...variable, key: 'NUMBER', value: '1.1' },
            {
              ...variable,
              key: 'SECRET',
              value: 'long-enough',
              masked: true,
              file: true,
              raw: true,
              environmentScope: 'review/*',
            },
          ],
          triggers: [
            { description: 'nightly', token: 'abc', owner: 'mia', location: { line: 24, column: 9 } },
            { description: '', token: 'def', owner: null, location: { line: 25, column: 9 } },
          ],
          schedules: [
            {
              description: '',
              cron: '0 4 * * *',
              timezone: 'UTC',
              ref: 'main',
              active: true,
              variables: [],
              location: { line: 27, column: 9 },
            },
            {
              description: 'weekly',
              cron: '0 0 * * 0',
              timezone: 'Europe/Berlin',
              ref: 'main',
              active: false,
              variables: [{ ...variable, key: 'A', value: 'b', origin: 'schedule' }],
            },
          ],
        },
      ],
    })
  })

  it.each([
    ['work', 'work-tree'],
    ['linked', 'work-tree'],
    ['bare', 'bare'],
    ['plain', 'folder'],
  ])('%s is a %s', (path, kind) => {
    expect(settings(`projects: [{id: 1, name: a/b, path: ${path}}]`).projects[0]).toMatchObject({
      kind,
      path: join(folder, path),
    })
  })

  it.each([
    ['as written', 'glptt-abc', 'glptt-abc'],
    ['from the environment', '${TOKEN}', 'from-the-environment'],
    ['from a file', 'file:token', 'from-a-file'],
    ['with a dollar sign that is no variable', 'a$b', 'a$b'],
  ])('a token %s', (_, written, token) => {
    const text = project(`    triggers: [{token: '${written}'}]\n`)
    expect(settings(text, { TOKEN: 'from-the-environment' }).projects[0]?.triggers[0]?.token).toBe(token)
  })

  it('the local user owns triggers without being named', () => {
    expect(
      settings(project('    triggers: [{token: a, owner: root}]\n')).projects[0]?.triggers[0]?.owner,
    ).toBe('root')
  })

  it.each([
    ['1048576', 1_048_576],
    ['1 GiB', 1_073_741_824],
    ['1.5 GB', 1_500_000_000],
    ['200mb', 200_000_000],
    ['64 KiB', 65_536],
  ])('log_limit %s', (text, bytes) => {
    expect(settings(`log_limit: ${text}`).logLimit).toBe(bytes)
  })

  it('JSON too', () => {
    expect(settings(`{\n\t"listen": "127.0.0.1:1",\n\t"projects": []\n}`).listen.port).toBe(1)
  })
})

describe('a file that is wrong: every problem, in order of position', () => {
  it.each([
    ['lisen: 127.0.0.1:1', ['1:1 config.unknown_key unknown key "lisen" at the top level']],
    [
      'projects:\n  - id: 9\n    wach: true\n    name: a/b\n    path: work',
      ['3:5 config.unknown_key unknown key "wach" in projects[0]'],
    ],
    ['listen: 8929', ['1:9 config.wrong_type listen must be text, not 8929 (a number)']],
    ['listen: localhost', ['1:9 config.invalid_listen listen: "localhost" is not HOST:PORT']],
    ['listen: "::1:8929"', ['1:9 config.invalid_listen listen: "::1:8929" is not HOST:PORT']],
    ['listen: 127.0.0.1:70000', ['1:9 config.invalid_listen listen: port 70000 is above 65535']],
    [
      'external_url: example.test',
      ['1:15 config.invalid_url external_url "example.test" is not an http or https address'],
    ],
    [
      'concurrency: 0',
      ['1:14 config.wrong_type concurrency must be a whole number from 1 up, not 0 (a number)'],
    ],
    [
      'concurrency: many',
      ['1:14 config.wrong_type concurrency must be a whole number from 1 up, not "many"'],
    ],
    [
      'executor: docker',
      ['1:11 config.invalid_value executor is "docker"; it must be one of auto, bubblewrap, shell'],
    ],
    [
      'executor: [shell]',
      ['1:11 config.wrong_type executor must be one of auto, bubblewrap, shell, not a list'],
    ],
    [
      'log_limit: big',
      [
        '1:12 config.wrong_type log_limit must be a size such as 1 GiB, 500 MB or a number of bytes, not "big"',
      ],
    ],
    [
      'log_limit: 0',
      [
        '1:12 config.wrong_type log_limit must be a size such as 1 GiB, 500 MB or a number of bytes, not 0 (a number)',
      ],
    ],
    ['users: mia', ['1:8 config.wrong_type users must be a list, not "mia"']],
    ['users:\n  - name: Mia', ['2:5 config.missing_key users[0] has no "username"']],
    [
      'users:\n  - username: mia\n  - username: mia',
      ['3:15 config.duplicate_user there is already a user "mia"'],
    ],
    [
      `${project()}users: [{username: mia, projects: {8: owner}}]`,
      ['5:36 config.unknown_project users[0].projects names project 8, which does not exist'],
    ],
    [
      `${project()}users: [{username: mia, projects: {9: reporter}}]`,
      [
        '5:39 config.invalid_value users[0].projects.9 is "reporter"; it must be one of developer, maintainer, owner',
      ],
    ],
    [
      'projects:\n  - {}',
      [
        '2:5 config.missing_key projects[0] has no "id"',
        '2:5 config.missing_key projects[0] has no "name"',
        '2:5 config.missing_key projects[0] has no "path"',
      ],
    ],
    [
      'projects:\n  - text',
      ['2:5 config.wrong_type projects[0] must be a mapping of keys to values, not "text"'],
    ],
    [
      'projects: [{id: nine, name: a/b, path: work}]',
      ['1:17 config.wrong_type projects[0].id must be a whole number from 1 up, not "nine"'],
    ],
    [
      'projects: [{id: 9, name: app, path: work}]',
      ['1:26 config.invalid_name projects[0].name "app" is not of the form namespace/project'],
    ],
    [
      'projects: [{id: 9, name: a/b, path: nowhere}]',
      ['1:37 config.missing_repository projects[0].path DIR/nowhere does not exist'],
    ],
    [
      'projects: [{id: 9, name: a/b, path: token}]',
      ['1:37 config.missing_repository projects[0].path DIR/token is not a folder'],
    ],
    [
      'projects:\n  - {id: 9, name: a/b, path: work}\n  - {id: 9, name: a/b, path: ./work/}\n',
      [
        '3:10 config.duplicate_id projects[1].id: another project has the id 9',
        '3:19 config.duplicate_name projects[1].name: another project has the name a/b',
        '3:30 config.duplicate_path projects[1].path: another project has the path DIR/work',
      ],
    ],
    [project('    triggers: [{}]\n'), ['5:16 config.missing_key projects[0].triggers[0] has no "token"']],
    [
      project('    triggers: [{token: 123456}]\n'),
      ['5:24 config.wrong_type projects[0].triggers[0].token must be text, not 123456 (a number)'],
    ],
    [
      project('    triggers: [{token: a, owner: miah}]\nusers: [{username: mia}]'),
      ['5:34 config.unknown_owner projects[0].triggers[0].owner: there is no user "miah"'],
    ],
    [
      project('    triggers: [{token: a}, {token: a}]\n'),
      [
        '5:36 config.duplicate_token projects[0].triggers[1].token is the same token as projects[0].triggers[0].token',
      ],
    ],
    [
      project("    triggers: [{token: '${NOT_SET}'}]\n"),
      [
        '5:24 config.unset_variable projects[0].triggers[0].token: the environment variable NOT_SET is not set',
      ],
    ],
    [
      project("    triggers: [{token: '${BLANK}'}]\n"),
      ['5:24 config.unset_variable projects[0].triggers[0].token: the environment variable BLANK is not set'],
    ],
    [
      project('    triggers: [{token: "file:gone"}]\n'),
      ['5:24 config.missing_file projects[0].triggers[0].token: cannot read DIR/gone'],
    ],
    [
      project('    triggers: [{token: "file:empty"}]\n'),
      ['5:24 config.missing_file projects[0].triggers[0].token: DIR/empty is empty'],
    ],
    [
      project('    schedules: [{cron: 0 4 * *}]\n'),
      [
        '5:17 config.missing_key projects[0].schedules[0] has no "ref"',
        '5:30 config.invalid_cron projects[0].schedules[0].cron "0 4 * *" is not valid: it has 4 fields instead of 5 (minute, hour, day of month, month, day of week)',
      ],
    ],
    [
      project('    schedules: [{cron: 0 25 * * *, ref: main}]\n'),
      [
        '5:26 config.invalid_cron projects[0].schedules[0].cron "0 25 * * *" is not valid: hour 25 is above 23',
      ],
    ],
    [
      project('    schedules: [{cron: "0 4? * * *", ref: main}]\n'),
      [
        '5:28 config.invalid_cron projects[0].schedules[0].cron "0 4? * * *" is not valid: unexpected "?" in the hour',
      ],
    ],
    [
      project('    schedules: [{cron: 0 4 * * *, ref: main, timezone: Europe/Bern}]\n'),
      [
        '5:56 config.invalid_timezone projects[0].schedules[0].timezone "Europe/Bern" is not valid: there is no such time zone',
      ],
    ],
    [
      project('    schedules: [{cron: 0 4 * * *, ref: main, active: maybe}]\n'),
      ['5:54 config.wrong_type projects[0].schedules[0].active must be true or false, not "maybe"'],
    ],
    [
      project('    variables: [A]\n'),
      ['5:16 config.wrong_type projects[0].variables must be a mapping of keys to values, not a list'],
    ],
    ['- a\n- b\n', ['1:1 config.wrong_type the file must be a mapping of keys to values']],
    [
      'listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n',
      ['2:1 yaml.duplicate_key duplicate key "listen": the last one wins'],
    ],
    [
      'listen: a: b',
      ['1:10 yaml.syntax (<unknown>): mapping values are not allowed in this context at line 1 column 10'],
    ],
    [
      'concurrency: 1\n---\nconcurrency: 2\n',
      ['3:1 config.several_documents the file has more than one YAML document'],
    ],
    [
      'concurrency: 0\nusers: 1\nwhat: 1\nexecutor: bash\n',
      [
        '1:14 config.wrong_type concurrency must be a whole number from 1 up, not 0 (a number)',
        '2:8 config.wrong_type users must be a list, not 1 (a number)',
        '3:1 config.unknown_key unknown key "what" at the top level',
        '4:11 config.invalid_value executor is "bash"; it must be one of auto, bubblewrap, shell',
      ],
    ],
  ])('%j', (text, expected) => {
    expect(problems(text, { BLANK: '' })).toEqual(expected)
  })

  it.each<[string, readonly string[], string]>([
    [
      'projects: [{id: 1, name: a/a, path: nowhere}, {id: 2, name: a/b, path: work}]',
      ['warning'],
      '1 a/a missing, 2 a/b work-tree',
    ],
    [
      'projects: [{id: 1, name: a/a, path: work}, {id: 1, name: a/b, path: bare}]',
      ['error'],
      '1 a/a work-tree',
    ],
    [
      'projects: [{id: 1, name: a/a, path: work}, {id: 2, name: a/a, path: bare}]',
      ['error'],
      '1 a/a work-tree',
    ],
    [
      'projects: [{id: 1, name: a/a, path: work}, {id: 2, name: a/b, path: ./work/}]',
      ['error'],
      '1 a/a work-tree',
    ],
    [
      'projects: [{id: 1, name: a/a, path: gone}, {id: 2, name: a/b, path: ./gone}]',
      ['warning', 'warning', 'error'],
      '1 a/a missing',
    ],
  ])('costs the entry only: %s', (text, severities, rest) => {
    const { projects, leftOut } = settings(text)
    expect(leftOut.diagnostics.map(({ severity }) => severity)).toEqual(severities)
    expect(projects.map(({ id, name, kind }) => `${id} ${name} ${kind}`).join(', ')).toBe(rest)
  })

  it('a schedule or a pattern that is wrong leaves the others', () => {
    const { projects, leftOut } = settings(
      project(`    watch: {branches: [main, "/(/"]}
    schedules:
      - {cron: 0 25 * * *, ref: a}
      - {cron: 0 4 * * *, ref: b, timezone: Nowhere}
      - {cron: 0 4 * * *, ref: c}
`),
    )
    expect(projects[0]?.watch).toEqual({ branches: ['main'], tags: 'all' })
    expect(projects[0]?.schedules.map(({ ref }) => ref)).toEqual(['c'])
    expect(projects[0]?.schedulesLeftOut).toBe(true)
    expect(leftOut.diagnostics.map(({ code }) => code)).toEqual([
      'config.invalid_pattern',
      'config.invalid_cron',
      'config.invalid_timezone',
    ])
  })

  it('tells of what is left out beside what makes the file unusable', () => {
    expect(problems('what: 1\nprojects: [{id: 9, name: a/b, path: nowhere}]\n')).toEqual([
      '1:1 config.unknown_key unknown key "what" at the top level',
      '2:37 config.missing_repository projects[0].path DIR/nowhere does not exist',
    ])
  })

  it('suggests the key that was meant and lists the allowed ones', () => {
    const [first] = problem('projects:\n  - {id: 9, name: a/b, paht: work, path: work}\n').diagnostics
    expect(first?.help).toMatch(
      /^did you mean "path"\? allowed keys: id, name, path, default_branch, .*triggers, schedules/,
    )
  })

  it('never shows a token', () => {
    const { diagnostics } = problem(project('    triggers: [{token: s3cret}, {token: s3cret}]\n'))
    expect(JSON.stringify(diagnostics)).not.toContain('s3cret')
  })

  it('names the other place of a duplicate', () => {
    const { diagnostics } = problem('users: [{username: mia}, {username: mia}]')
    expect(diagnostics[0]?.related).toMatchObject([
      { message: 'first named here', location: { line: 1, column: 20 } },
    ])
  })

  it('gives what a code frame needs', () => {
    const { diagnostics, sources } = problem('lisen: 127.0.0.1:1\n')
    expect(diagnostics.map((each) => renderDiagnostic(each, sources).replaceAll(folder, 'DIR'))).toEqual([
      [
        'DIR/runner.config.yaml:1:1  error  config.unknown_key',
        '  unknown key "lisen" at the top level',
        ' ▸ 1 │ lisen: 127.0.0.1:1',
        '     │ ~~~~~ did you mean "listen"? allowed keys: listen, external_url, state, builds_dir, concurrency, executor, shell, sandbox, log_limit, cache, users, projects, triggers, includes, language, limits, artifacts, retention, backup, log',
      ].join('\n'),
    ])
  })
})

describe('a file that cannot be read', () => {
  it.each([
    ['missing.yaml', 'there is no such file'],
    ['plain', 'it is a folder'],
    ['token/config.yaml', 'a part of the path is not a folder'],
  ])('%s', (name, reason) => {
    const path = join(folder, name)
    const result = readSettings(path, {})
    expect(result.ok ? [] : result.error.diagnostics).toEqual([
      { severity: 'error', code: 'config.unreadable', message: `cannot read ${path}: ${reason}` },
    ])
  })
})
