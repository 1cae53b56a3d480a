import { describe, expect, it } from 'vitest'
import { TRIGGER_VARIABLES, type Project, type TriggerVariables } from '../../src/model/project.ts'
import { variable } from '../../src/model/variable.ts'
import { checkDeclared, checkPolicy, isUnsafe } from '../../src/pipeline/variable-policy.ts'
import { command } from '../support/engine.ts'

const request = {
  projectRef: '9',
  projectId: 9,
  triggerId: 1,
  form: 'query',
  remoteAddress: '127.0.0.1',
  userAgent: '',
  ref: 'main',
  receivedAt: 0,
  variableKeys: [],
} as const

const project = (triggerVariables: TriggerVariables): Project => ({
  id: 9,
  name: 'group/app',
  path: '/srv/app',
  repository: '/srv/app',
  defaultBranch: 'main',
  variables: [],
  configPath: '.gitlab-ci.yml',
  createdAt: 0,
  triggerVariables,
})

const sent = (...keys: string[]) => ({
  ...command,
  request,
  variables: [
    ...keys.map((key) => variable(key, 'x', 'trigger')),
    variable('TRIGGER_PAYLOAD', '{}', 'trigger', { file: true }),
  ],
})

// CVE-2016-3721 (Jenkins), CVE-2024-41122 and -41121 (Woodpecker): callers chose PATH, LD_PRELOAD, BASH_ENV.
const DANGEROUS =
  'PATH HOME SHELL ENV BASH_ENV SHELLOPTS BASHOPTS PS4 PROMPT_COMMAND IFS CDPATH TMPDIR GCONV_PATH LOCPATH LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONINSPECT PERL5OPT PERL5LIB RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS _JAVA_OPTIONS JDK_JAVA_OPTIONS MAVEN_OPTS GRADLE_OPTS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER GIT_SSH_COMMAND GIT_CONFIG_GLOBAL GIT_CLEAN_FLAGS SSH_AUTH_SOCK SSH_ASKPASS DOCKER_HOST DOCKER_CONFIG DOCKER_CONTEXT DOCKER_CERT_PATH CONTAINERS_CONF npm_config_registry PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE CARGO_HOME CARGO_BUILD_RUSTFLAGS http_proxy HTTPS_PROXY ALL_PROXY SLUICE_X CI CI_JOB_TOKEN CI_COMMIT_SHA CI_PROJECT_DIR GITLAB_USER_LOGIN ld_preload'.split(
    ' ',
  )
const HARMLESS =
  'UPLOAD_TO_S3 DOCKER_TAG CI_MY_OWN GIT_STRATEGY GIT_DEPTH GIT_CHECKOUT GIT_SUBMODULE_STRATEGY GIT_SUBMODULE_DEPTH GIT_LFS_SKIP_SMUDGE MY_PATH PATH_TO HOMEPAGE LDAP PROXY'.split(
    ' ',
  )

describe('triggers.variables: safe', () => {
  it.each(DANGEROUS)('refuses %s, naming it', (key) => {
    expect(isUnsafe(key)).toBe(true)
    expect(checkPolicy(project('safe'), sent('A', key))).toMatchObject({
      message: `Variable "${key}" may not be set by a trigger`,
    })
  })

  it.each(HARMLESS)('takes %s', (key) => {
    expect(checkPolicy(project('safe'), sent(key))).toBeUndefined()
  })
})

describe('each word', () => {
  it.each<[TriggerVariables, string[], string | undefined, string | undefined]>([
    ['any', ['PATH', 'A'], undefined, undefined],
    ['safe', ['A'], undefined, undefined],
    ['declared', ['A'], undefined, undefined],
    ['declared', ['B'], undefined, 'Variable "B" may not be set by a trigger'],
    ['none', ['A'], 'Insufficient permissions to set pipeline variables', undefined],
    ['none', [], undefined, undefined],
  ])('%s with %j', (word, keys, before, after) => {
    const location = { file: 'x', line: 1, column: 1, endLine: 1, endColumn: 1 }
    const declared = [
      { key: 'A', value: '', origin: 'global', location },
      { key: 'B', value: '', origin: 'workflow', location },
    ] as const
    expect(checkPolicy(project(word), sent(...keys))?.message).toBe(before)
    expect(checkDeclared(project(word), sent(...keys), declared)?.message).toBe(after)
  })

  it.each(TRIGGER_VARIABLES)(
    '%s says nothing about other sources, nor about what the trigger fixes',
    (word) => {
      const fixed = { ...sent('PATH'), fixedVariables: ['PATH'] }
      const push = { ...sent('PATH'), request: null }
      for (const each of [fixed, push]) {
        expect(checkPolicy(project(word), each)).toBeUndefined()
        expect(checkDeclared(project(word), each, [])).toBeUndefined()
      }
    },
  )
})
