import { describe, expect, it } from 'vitest'
import { loadWithDocument } from '../../../src/ci/load.ts'
import { allWarnings } from '../../../src/ci/warnings/all-warnings.ts'
import { suspectScripts } from '../../../src/ci/warnings/script-quotes.ts'

const PATH = '.gitlab-ci.yml'

async function warningsOf(text: string, given: readonly string[] = []): Promise<string[]> {
  const { loaded, written } = await loadWithDocument({ path: PATH, text })
  if (!loaded.ok || written === null)
    throw new Error(loaded.ok ? 'no document' : (loaded.error.diagnostics[0]?.message ?? ''))
  const found = allWarnings({ config: loaded.value, written, path: PATH, given: new Set(given) })
  return found.map(
    ({ code, message, location }) => `${location?.line ?? 0}:${location?.column ?? 0} ${code} ${message}`,
  )
}

const rules = (...list: readonly string[]): string =>
  `job:\n  script: x\n  rules:\n${list.map((rule) => `    - ${rule}\n`).join('')}`

describe('rules that can never match', () => {
  it.each<[string, string, string[]]>([
    [
      'behind one without conditions',
      rules('when: always', 'if: $CI_COMMIT_TAG'),
      ['5:7 rules.never_match job job: rule 2 can never match'],
    ],
    [
      'behind the same condition',
      rules('if: $CI_COMMIT_TAG', 'if: $CI_COMMIT_TAG\n      when: manual'),
      ['5:7 rules.never_match job job: rule 2 can never match'],
    ],
    [
      'a source that does not exist',
      rules('if: $CI_PIPELINE_SOURCE == "merge_request"'),
      ['4:11 rules.never_match job job: rule 1 can never match'],
    ],
    [
      'tag and branch at once',
      rules('if: $CI_COMMIT_TAG && $CI_COMMIT_BRANCH == "main"'),
      ['4:11 rules.never_match job job: rule 1 can never match'],
    ],
    [
      'a branch in a merge request',
      rules('if: $CI_MERGE_REQUEST_IID && $CI_COMMIT_BRANCH'),
      ['4:11 rules.never_match job job: rule 1 can never match'],
    ],
    [
      'two values at once',
      rules('if: $CI_COMMIT_BRANCH == "a" && $CI_COMMIT_BRANCH == "b"'),
      ['4:11 rules.never_match job job: rule 1 can never match'],
    ],
    [
      'set and not set',
      rules('if: $CI_COMMIT_TAG == null && $CI_COMMIT_TAG'),
      ['4:11 rules.never_match job job: rule 1 can never match'],
    ],
    [
      'both sides of ||',
      rules('if: ($CI_COMMIT_TAG && $CI_COMMIT_BRANCH) || "a" == "b"'),
      ['4:11 rules.never_match job job: rule 1 can never match'],
    ],
    [
      'a workflow rule',
      'workflow:\n  rules:\n    - if: $CI_PIPELINE_SOURCE == "tag"\n    - when: always\njob: {script: x}',
      ['3:11 rules.never_match workflow: rule 1 can never match'],
    ],
    [
      'when: never everywhere',
      rules('if: $CI_COMMIT_TAG\n      when: never', 'when: never'),
      ['4:7 rules.never_run job job: can never be in a pipeline'],
    ],
    [
      'no rules at all',
      'job:\n  script: x\n  rules: []\n',
      ['1:1 rules.never_run job job: can never be in a pipeline'],
    ],
    ['one side of ||', rules('if: ($CI_COMMIT_TAG && $CI_COMMIT_BRANCH) || $CI_COMMIT_TAG'), []],
    ['different conditions', rules('if: $CI_COMMIT_TAG', 'if: $CI_COMMIT_BRANCH'), []],
    [
      'the same condition after changes',
      rules('if: $CI_COMMIT_TAG\n      changes: [a]', 'if: $CI_COMMIT_TAG'),
      [],
    ],
    ['a merge request', rules('if: $CI_PIPELINE_SOURCE == "merge_request_event"'), []],
  ])('%s', async (_, text, expected) => {
    expect(await warningsOf(text)).toEqual(expected)
  })
})

describe('hidden jobs', () => {
  it.each<[string, string, string[]]>([
    ['that nothing names', '.a: {script: x}\njob: {script: x}', ['1:1 job.unused hidden job .a is not used']],
    ['used by extends', '.a: {tags: [x]}\njob: {script: x, extends: .a}', []],
    ['used by extends in a list', '.a: {tags: [x]}\njob: {script: x, extends: [.a]}', []],
    ['used by a reference', '.a: {script: [x]}\njob: {script: [!reference [.a, script]]}', []],
    ['used by an alias', '.a: &a [x]\njob: {script: *a}', []],
    ['used by a merge key', '.a: &a {tags: [x]}\njob: {<<: *a, script: x}', []],
    ['used inside', '.a:\n  list: &a [x]\njob: {script: *a}', []],
  ])('%s', async (_, text, expected) => {
    expect(await warningsOf(text)).toEqual(expected)
  })
})

describe('variables that nobody sets', () => {
  it.each<[string, string, readonly string[], string[]]>([
    [
      'once for each',
      rules('if: $A', 'if: $A && $B'),
      [],
      [
        '4:11 expression.unset $A is set nowhere in these files',
        '5:17 expression.unset $B is set nowhere in these files',
      ],
    ],
    [
      'misspelt',
      rules('if: $CI_COMIT_TAG'),
      [],
      ['4:11 expression.unset $CI_COMIT_TAG is set nowhere in these files'],
    ],
    ['predefined', rules('if: $CI_COMMIT_TAG || $CI_MERGE_REQUEST_IID || $GITLAB_USER_LOGIN'), [], []],
    ['of the file', `variables: {A: x}\n${rules('if: $A')}`, [], []],
    ['of the job', 'job:\n  script: x\n  variables: {A: x}\n  rules: [{if: $A}]\n', [], []],
    [
      'of a workflow rule',
      `workflow: {rules: [{when: always, variables: {A: x}}]}\n${rules('if: $A')}`,
      [],
      [],
    ],
    ['of a matrix', 'job:\n  script: x\n  parallel: {matrix: [{A: [x]}]}\n  rules: [{if: $A}]\n', [], []],
    [
      'of another job, hidden or not',
      `.a: {variables: {A: x}}\nb: {script: x, extends: .a, variables: {B: x}}\n${rules('if: $A && $B')}`,
      [],
      [],
    ],
    ['of another rule', rules('if: $CI_COMMIT_TAG\n      variables: {A: x}', 'if: $A'), [], []],
    ['given', rules('if: $A'), ['A'], []],
    [
      'in only:variables',
      'job:\n  script: x\n  only: {variables: [$A]}\n',
      [],
      ['3:22 expression.unset $A is set nowhere in these files'],
    ],
  ])('%s', async (_, text, given, expected) => {
    expect(await warningsOf(text, given)).toEqual(expected)
  })
})

describe('needs that a rule can remove', () => {
  const build = (condition: string): string => `build: {stage: build, script: x, ${condition}}\n`
  it.each<[string, string, string[]]>([
    [
      'by a tag',
      `${build('rules: [{if: $CI_COMMIT_BRANCH}]')}test: {script: x, needs: [build]}`,
      ['2:27 needs.removable test: a rule can remove build, which it needs'],
    ],
    [
      'by only',
      `${build('only: [main]')}test: {script: x, needs: [build]}`,
      ['2:27 needs.removable test: a rule can remove build, which it needs'],
    ],
    [
      'by changes',
      `${build('rules: [{changes: [src/a]}]')}test: {script: x, needs: [build]}`,
      ['2:27 needs.removable test: a rule can remove build, which it needs'],
    ],
    ['optional', `${build('only: [main]')}test: {script: x, needs: [{job: build, optional: true}]}`, []],
    ['with the same rules', `${build('only: [main]')}test: {script: x, needs: [build], only: [main]}`, []],
    [
      'with narrower rules',
      `${build('rules: [{if: $CI_COMMIT_BRANCH}]')}test: {script: x, needs: [build], rules: [{if: $CI_COMMIT_BRANCH == "main"}]}`,
      [],
    ],
    ['that nothing restricts', `${build('tags: [x]')}test: {script: x, needs: [build], only: [tags]}`, []],
  ])('%s', async (_, text, expected) => {
    expect(await warningsOf(text)).toEqual(expected)
  })
})

describe('globs that reach one level only', () => {
  // ci-yaml 13.1: `docs/**` does not match docs/a/b.md, `**.md` not docs/b.md.
  it.each<[string, string, string[]]>([
    ['at the end', rules('changes: [src/**]'), ['4:17 glob.one_level "src/**" matches one level only']],
    ['in a name', rules('exists: ["**.md"]'), ['4:17 glob.one_level "**.md" matches one level only']],
    [
      'in only:changes',
      'job:\n  script: x\n  only: {changes: [a, docs/**]}\n',
      ['3:23 glob.one_level "docs/**" matches one level only'],
    ],
    ['as a folder', rules('changes: ["src/**/*", "**/*.md"]'), []],
  ])('%s', async (_, text, expected) => {
    expect(await warningsOf(text)).toEqual(expected)
  })
})

it('warns as GitLab does of duplicate pipelines, and of duplicate keys', async () => {
  expect(
    await warningsOf(
      'job:\n  script: x\n  script: y\n  rules:\n    - if: $CI_COMMIT_TAG\n    - when: always\n',
    ),
  ).toEqual([
    expect.stringMatching(/^3:3 yaml\.\S+ /),
    '6:7 rules.duplicate_pipelines jobs:job may allow multiple pipelines to run for a single action due to `rules:when` clause with no `workflow:rules` - read more: https://docs.gitlab.com/ee/ci/troubleshooting.html#pipeline-warnings',
  ])
})

describe('scripts whose quotes may be open', () => {
  it.each<[string, string[]]>([
    ['a: {script: [ok, "it\'s", "echo \'x\'"]}', ["it's"]],
    [
      'a:\n  before_script: ["echo \'x"]\n  script:\n    - [\'echo "a\', "b"]\n  after_script: "x\'"',
      ["echo 'x", 'echo "a', "x'"],
    ],
    ['before_script: ["it\'s"]\na: {script: x}', ["it's"]],
    ['.a: {script: "it\'s"}\nb: {script: x}', ["it's"]],
    ['a: {script: "echo \\\"it\'s fine\\\" # don\'t"}', []],
    ['a: {script: "echo it\\\\\'s"}', []],
    // For the shell to judge.
    ['a: {script: "cat <<E\\ndon\'t\\nE"}', ["cat <<E\ndon't\nE"]],
  ])('%s', async (text, scripts) => {
    const { written } = await loadWithDocument({ path: PATH, text })
    if (written === null) throw new Error('no document')
    expect(suspectScripts({ written }).map((suspect) => suspect.text)).toEqual(scripts)
  })
})
