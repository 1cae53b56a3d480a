// The sentences of GitLab's entry errors, from the error catalogue of its language: mistake in, literal text
// out.
import { describe, expect, it } from 'vitest'
import { messagesOf } from '../support.ts'

const job = (...lines: string[]): string =>
  ['rspec:', '  script: test', ...lines.map((line) => `  ${line}`)].join('\n')
const SCRIPT_TYPE = 'config should be a string or a nested array of strings up to 10 levels deep'

/** Mistake, then everything GitLab says about it. */
const rows: [title: string, text: string, ...messages: string[]][] = [
  ['an empty file', '', 'Please provide content of .gitlab-ci.yml'],
  ['only blanks', ' \n\n', 'Please provide content of .gitlab-ci.yml'],
  ['a list', '- a', 'Invalid configuration format'],
  ['a text', 'hello', 'Invalid configuration format'],
  ['a web page', '<!DOCTYPE html><html></html>', 'Invalid configuration format'],
  ['only comments', '# nothing here', 'Invalid configuration format'],
  [
    'only hidden jobs',
    '.a:\n  script: x\n.b:\n  script: y',
    'jobs config should contain at least one visible job',
  ],
  ['only globals', 'stages: [test]', 'jobs config should contain at least one visible job'],
  ['a blank name', '"":\n  script: x', "jobs:job name can't be blank"],
  ['a number for a name', '10:\n  script: x', 'jobs:10 name should be a symbol'],
  [
    'a name of 256 characters',
    `${'n'.repeat(256)}:\n  script: x`,
    `jobs:${'n'.repeat(256)} name is too long (maximum is 255 characters)`,
  ],
  [
    'no script',
    'rspec:\n  image: x',
    'jobs rspec config should implement the script:, run:, or trigger: keyword',
  ],
  [
    'a text for a job',
    'rspec: hello',
    'jobs rspec config should implement the script:, run:, or trigger: keyword',
  ],
  ['null for a job', 'rspec:', 'jobs rspec config should implement the script:, run:, or trigger: keyword'],
  [
    'types, gone since 15',
    'types: [a]\na:\n  script: x',
    'jobs types config should implement the script:, run:, or trigger: keyword',
  ],
  ['an unknown keyword', job('bad_tags: x'), 'jobs:rspec config contains unknown keys: bad_tags'],
  ['two unknown keywords', job('foo: x', 'bar: y'), 'jobs:rspec config contains unknown keys: foo, bar'],
  ['type, gone since 15', job('type: test'), 'jobs:rspec config contains unknown keys: type'],
  [
    'script and trigger',
    job('trigger: x'),
    'jobs:rspec config these keys cannot be used together: script, trigger',
  ],
  ['script: []', 'rspec:\n  script: []', "jobs:rspec script can't be blank"],
  ["script: ''", "rspec:\n  script: ''", "jobs:rspec script can't be blank"],
  ['script without a value', 'rspec:\n  script:', "jobs:rspec script can't be blank"],
  ['a number for a script', 'rspec:\n  script: 5', `jobs:rspec:script ${SCRIPT_TYPE}`],
  ['a mapping in a script', 'rspec:\n  script:\n    - echo a: b', `jobs:rspec:script ${SCRIPT_TYPE}`],
  [
    '11 levels of lists',
    `rspec:\n  script: ${'['.repeat(11)}x${']'.repeat(11)}`,
    `jobs:rspec:script ${SCRIPT_TYPE}`,
  ],
  [
    'a number in before_script',
    job('before_script: [10, "test"]'),
    `jobs:rspec:before_script ${SCRIPT_TYPE}`,
  ],
  ['a number in after_script', job('after_script: [10, "test"]'), `jobs:rspec:after_script ${SCRIPT_TYPE}`],
  ['a number for a stage', job('stage: 1'), 'jobs:rspec:stage config should be a string'],
  [
    'a text for stages',
    `stages: test\n${job()}`,
    'stages config should be an array of strings or a nested array of strings up to 10 levels deep',
  ],
  [
    'a boolean in stages',
    `stages: [true]\n${job()}`,
    'stages config should be an array of strings or a nested array of strings up to 10 levels deep',
  ],
  ['a list for the global image', `image: [a]\n${job()}`, 'image config should be a hash or a string'],
  ['a list for an image', job('image: [a]'), 'jobs:rspec:image config should be a hash or a string'],
  ['an image without a name', job('image: {entrypoint: [sh]}'), "jobs:rspec:image name can't be blank"],
  ['a number for an image name', job('image: {name: 5}'), 'jobs:rspec:image name should be a string'],
  [
    'an unknown key of an image',
    job('image: {name: a, foo: b}'),
    'jobs:rspec:image config contains unknown keys: foo',
  ],
  [
    'a text for an entrypoint',
    job('image: {name: a, entrypoint: sh}'),
    'jobs:rspec:image entrypoint should be an array of strings',
  ],
  ['a text for the global services', `services: a\n${job()}`, 'services config should be a array'],
  ['a text for services', job('services: a'), 'jobs:rspec:services config should be a array'],
  [
    'a number in services',
    `services: [10]\n${job()}`,
    'services:service config should be a hash or a string',
  ],
  [
    'a number in services of a job',
    job('services: [10]'),
    'jobs:rspec:services:service config should be a hash or a string',
  ],
  ['a text for variables', `variables: a\n${job()}`, 'variables config should be a hash'],
  ['a text for variables of a job', job('variables: a'), 'jobs:rspec:variables config should be a hash'],
  [
    'a list for a variable',
    `variables: {x: [a]}\n${job()}`,
    'variable definition must be either a string or a hash',
  ],
  [
    'an extra key of a variable',
    `variables: {x: {value: a, foo: b}}\n${job()}`,
    'variables:x config uses invalid data keys: foo',
  ],
  [
    'a description in a job',
    job('variables: {x: {value: a, description: b}}'),
    'jobs:rspec:variables:x config uses invalid data keys: description',
  ],
  [
    'a value that is no option',
    `variables: {x: {value: c, options: [a, b]}}\n${job()}`,
    'variables:x config value must be present in options',
  ],
  [
    'options without a value',
    `variables: {x: {options: [a, b]}}\n${job()}`,
    'variables:x config value must be present in options',
  ],
  [
    'a hash in rules:variables',
    job('rules: [{if: $A, variables: {x: {value: a}}}]'),
    'jobs:rspec:rules:rule:variables:x config must be a string',
  ],
  [
    'when: 1',
    job('when: 1'),
    'jobs:rspec when should be one of: on_success, on_failure, always, manual, delayed',
  ],
  [
    'when: never',
    job('when: never'),
    'jobs:rspec when should be one of: on_success, on_failure, always, manual, delayed',
  ],
  [
    'a text for allow_failure',
    job('allow_failure: maybe'),
    'jobs:rspec allow failure should be a hash or a boolean value',
  ],
  [
    'a text for exit_codes',
    job('allow_failure: {exit_codes: a}'),
    'jobs:rspec:allow_failure exit codes should be an array of integers or an integer',
  ],
  ['a text for tags', job('tags: mysql'), 'jobs:rspec:tags config should be an array of strings'],
  [
    'a text for dependencies',
    job('dependencies: build'),
    'jobs:rspec dependencies should be an array of strings',
  ],
  ['a text for parallel', job('parallel: many'), 'jobs:rspec:parallel should be an integer or a hash'],
  ['parallel: 201', job('parallel: 201'), 'jobs:rspec:parallel config must be less than or equal to 200'],
  ['parallel: 0', job('parallel: 0'), 'jobs:rspec:parallel config must be greater than or equal to 1'],
  ['parallel: 1.5', job('parallel: 1.5'), 'jobs:rspec:parallel config must be an integer'],
  ['parallel: {}', job('parallel: {}'), 'jobs:rspec:parallel config missing required keys: matrix'],
  [
    'a hash for a matrix',
    job('parallel: {matrix: {A: [b]}}'),
    'jobs:rspec:parallel:matrix config should be an array of hashes',
  ],
  [
    'a list in a matrix',
    job('parallel: {matrix: [[{A: [b]}]]}'),
    'jobs:rspec:parallel:matrix config should be an array of hashes',
  ],
  [
    'a matrix of 15 by 15',
    job(
      `parallel: {matrix: [{A: [${Array.from({ length: 15 }, (_, n) => n).join(', ')}], B: [${Array.from({ length: 15 }, (_, n) => n).join(', ')}]}]}`,
    ),
    'jobs:rspec:parallel:matrix config generates too many jobs (maximum is 200)',
  ],
  [
    'a hash as a matrix value',
    job('parallel: {matrix: [{A: {b: c}}]}'),
    'jobs:rspec:parallel:matrix config should be a hash of key value pairs, value can be an array',
  ],
  [
    'delayed with a bad start_in',
    job('when: delayed', 'start_in: soon'),
    'jobs:rspec start in should be a duration',
  ],
  ['delayed without start_in', job('when: delayed'), 'jobs:rspec start in should be a duration'],
  ['start_in without delayed', job('start_in: 1 day'), 'jobs:rspec start in must be blank'],
  [
    'start_in over a week',
    job('when: delayed', 'start_in: 8 days'),
    'jobs:rspec start in should not exceed the limit',
  ],
  ['a text for retry', job('retry: often'), 'retry config has to be either an integer or a hash'],
  ['retry: 3', job('retry: 3'), 'retry config must be less than or equal to 2'],
  ['retry: -1', job('retry: -1'), 'retry config must be greater than or equal to 0'],
  ['retry:max: 3', job('retry: {max: 3}'), 'retry max must be less than or equal to 2'],
  ['an unknown key of retry', job('retry: {max: 1, foo: 2}'), 'retry config contains unknown keys: foo'],
  ['an unknown reason', job('retry: {when: sometimes}'), 'retry when is not included in the list'],
  [
    'an unknown reason in a list',
    job('retry: {when: [always, sometimes]}'),
    'retry when contains unknown values: sometimes',
  ],
  [
    'a text for retry:exit_codes',
    job('retry: {exit_codes: a}'),
    'retry exit codes should be an array of integers or an integer',
  ],
  [
    'a number for artifacts:name',
    job('artifacts: {name: 5}'),
    'jobs:rspec:artifacts name should be a string',
  ],
  [
    'a text for artifacts:untracked',
    job('artifacts: {untracked: maybe}'),
    'jobs:rspec:artifacts untracked should be a boolean value',
  ],
  [
    'a text for artifacts:paths',
    job('artifacts: {paths: a}'),
    'jobs:rspec:artifacts paths should be an array of strings',
  ],
  ['a text for artifacts', job('artifacts: a'), 'jobs:rspec:artifacts config should be a hash'],
  [
    'an unknown artifacts:when',
    job('artifacts: {when: never}'),
    'jobs:rspec:artifacts when should be one of: on_success, on_failure, always',
  ],
  [
    'a number for expire_in',
    job('artifacts: {expire_in: 1}'),
    'jobs:rspec:artifacts expire in should be a duration',
  ],
  [
    'elephants',
    job('artifacts: {expire_in: 7 elephants}'),
    'jobs:rspec:artifacts expire in should be a duration',
  ],
  [
    'a glob beside expose_as',
    job("artifacts: {paths: ['*.txt'], expose_as: x}"),
    "jobs:rspec:artifacts paths can't contain '*' when used with 'expose_as'",
  ],
  [
    'a bad expose_as',
    job('artifacts: {paths: [a], expose_as: "a/b"}'),
    "jobs:rspec:artifacts expose as can contain only letters, digits, '-', '_' and spaces",
  ],
  [
    'access and public',
    job('artifacts: {paths: [a], access: all, public: true}'),
    'jobs:rspec:artifacts config these keys cannot be used together: access, public',
  ],
  [
    'an unknown access',
    job('artifacts: {paths: [a], access: me}'),
    'jobs:rspec:artifacts access should be one of: none, developer, maintainer, all',
  ],
  ['a number for only', job('only: 1'), 'jobs:rspec:only has to be either an array of conditions or a hash'],
  [
    'a text for except',
    job('except: main'),
    'jobs:rspec:except has to be either an array of conditions or a hash',
  ],
  [
    'numbers in only',
    job('only: [1]'),
    'jobs:rspec:only config should be an array of strings or regular expressions using re2 syntax',
  ],
  [
    'a bad pattern in only',
    job("only: ['/*invalid/']"),
    'jobs:rspec:only config should be an array of strings or regular expressions using re2 syntax',
  ],
  [
    'a bad expression in only',
    job('only: {variables: ["== null"]}'),
    'jobs:rspec:only variables invalid expression syntax',
  ],
  [
    'numbers in only:changes',
    job('only: {changes: [1]}'),
    'jobs:rspec:only changes should be an array of strings',
  ],
  [
    'a bad only:kubernetes',
    job('only: {kubernetes: sleeping}'),
    'jobs:rspec:only kubernetes unknown value: sleeping',
  ],
  [
    'an unknown key of only',
    job('only: {branches: [a]}'),
    'jobs:rspec:only config contains unknown keys: branches',
  ],
  [
    'rules and only',
    job('only: [main]', 'rules: [{if: $A}]'),
    'jobs:rspec config key may not be used with `rules`: only',
  ],
  [
    'rules and except',
    job('except: [main]', 'rules: [{if: $A}]'),
    'jobs:rspec config key may not be used with `rules`: except',
  ],
  [
    'a hash for rules',
    job('rules: {if: $A}'),
    'jobs:rspec rules should be an array containing hashes and arrays of hashes',
  ],
  [
    'a text in rules',
    job('rules: [always]'),
    'jobs:rspec rules should be an array containing hashes and arrays of hashes',
  ],
  ['a bad if', job("rules: [{if: '$A =='}]"), 'jobs:rspec:rules:rule if invalid expression syntax'],
  ['a boolean for if', job('rules: [{if: true}]'), 'jobs:rspec:rules:rule if invalid expression syntax'],
  [
    'an unknown key of a rule',
    job('rules: [{foo: a}]'),
    'jobs:rspec:rules:rule config contains unknown keys: foo',
  ],
  ['an empty rule', job('rules: [{}]'), "jobs:rspec:rules:rule config can't be blank"],
  [
    'an unknown when of a rule',
    job('rules: [{when: sometimes}]'),
    'jobs:rspec:rules:rule when unknown value: sometimes',
  ],
  [
    'start_in of a rule without delayed',
    job('rules: [{if: $A, start_in: 1 day}]'),
    'jobs:rspec:rules:rule config contains disallowed keys: start_in',
  ],
  [
    'a delayed rule without start_in',
    job('rules: [{if: $A, when: delayed}]'),
    "jobs:rspec:rules:rule start in can't be blank",
  ],
  [
    '51 globs',
    job(`rules: [{changes: [${Array.from({ length: 51 }, (_, n) => `a${n}`).join(', ')}]}]`),
    'jobs:rspec:rules:rule:changes config has too many entries (maximum 50)',
  ],
  [
    'a text for changes',
    job('rules: [{changes: a}]'),
    'jobs:rspec:rules:rule:changes should be an array or a hash',
  ],
  [
    'changes without paths',
    job('rules: [{changes: {compare_to: main}}]'),
    'jobs:rspec:rules:rule:changes config must use exactly one of these keys: paths, regexp',
  ],
  [
    'changes with both',
    job('rules: [{changes: {paths: [a], regexp: b}}]'),
    'jobs:rspec:rules:rule:changes config must use exactly one of these keys: paths, regexp',
  ],
  [
    'a manual workflow rule',
    `workflow: {rules: [{when: manual}]}\n${job()}`,
    'workflow:rules:rule when unknown value: manual',
  ],
  ['an unknown key of workflow', `workflow: {x: 1}\n${job()}`, 'workflow config contains unknown keys: x'],
  ['a text for needs', job('needs: build'), 'jobs:rspec:needs config can only be a hash or an array'],
  ['a number in needs', job('needs: [1]'), 'jobs:rspec:needs:need has an unsupported type'],
  [
    'an unknown key of a need',
    job('needs: [{job: a, something: b}]'),
    'jobs:rspec:needs:need config contains unknown keys: something',
  ],
  [
    'needs without script',
    'rspec:\n  needs: [a]',
    'jobs:rspec config should contain either a trigger or a needs:pipeline',
  ],
  [
    'a dependency that is no need',
    `${job('needs: [build1]', 'dependencies: [build2]')}\nbuild1:\n  script: a\nbuild2:\n  script: b`,
    'jobs:rspec dependencies the build2 should be part of needs',
  ],
  [
    'a number for coverage',
    job('coverage: 5'),
    'jobs:rspec:coverage config must be a regular expression with re2 syntax',
  ],
  [
    'a coverage without slashes',
    job("coverage: '\\d+'"),
    'jobs:rspec:coverage config must be a regular expression with re2 syntax',
  ],
  ['a number for timeout', job('timeout: 10'), 'jobs:rspec:timeout config should be a duration'],
  [
    'a text for interruptible',
    job('interruptible: maybe'),
    'jobs:rspec:interruptible config should be a boolean value',
  ],
  ['a number for extends', 'rspec:\n  script: x\n  extends: 5', 'rspec: unknown keys in `extends` (5)'],
  [
    'an unknown inherited default',
    job('inherit: {default: [foo]}'),
    'jobs:rspec:inherit:default config contains unknown values: foo',
  ],
  [
    'an unknown key of default',
    `default: {stage: a}\n${job()}`,
    'default config contains unknown keys: stage',
  ],
  [
    'twice the same default',
    `image: a\ndefault: {image: b}\n${job()}`,
    'image is defined in top-level and `default:` entry',
  ],
  [
    'inputs of a job',
    job(
      `inputs: {a: {}, b: {default: x, type: hash}, c: {default: x, options: x, regex: 5, description: [x]}, d: {default: x, options: [${Array.from({ length: 51 }, () => 'x').join(', ')}]}}`,
    ),
    'jobs:rspec:inputs:a must have a default value',
    'jobs:rspec:inputs:b input type unknown value: hash',
    'jobs:rspec:inputs:c input options should be a array',
    'jobs:rspec:inputs:c input regex should be a string',
    'jobs:rspec:inputs:c input description must be an alphanumeric string',
    'jobs:rspec:inputs:d config cannot define more than 50 options',
  ],
  [
    'the address of a release link',
    job('release: {tag_name: v1, description: x, assets: {links: [{name: x, url: "ftp://example.com/x"}]}}'),
    'jobs:rspec:release:assets:links:link url is blocked: only allowed schemes are http, https',
  ],
  [
    'four files of a child pipeline',
    'rspec:\n  trigger: {include: [a.yml, b.yml, c.yml, d.yml]}',
    'jobs:rspec:trigger:include config is too long (maximum is 3)',
  ],
  ['an unknown base', job('extends: something'), 'rspec: unknown keys in `extends` (something)'],
  [
    'a base that is no hash',
    `.x: text\n${job('extends: .x')}`,
    'rspec: invalid base hashes in `extends` (.x)',
  ],
  [
    'a circle of bases',
    '.a:\n  extends: .b\n.b:\n  extends: .a\nrspec:\n  script: x',
    '.a: circular dependency detected in `extends`',
  ],
  [
    'a missing reference',
    'rspec:\n  script: !reference [job, script]',
    '!reference ["job", "script"] could not be found',
  ],
  [
    'a reference to null',
    '.a:\n  script:\nrspec:\n  script: !reference [.a, script]',
    '!reference [".a", "script"] could not be found',
  ],
  [
    'a circle of references',
    'job-1:\n  script: [!reference [job-2, script]]\njob-2:\n  script: [!reference [job-3, script]]\njob-3:\n  script: [!reference [job-3, script]]',
    '!reference ["job-3", "script"] is part of a circular chain',
  ],
]

describe('the sentence for', () => {
  it.each(rows)('%s', async (_title, text, ...messages) => {
    expect(await messagesOf(text)).toEqual(messages)
  })
})

it('lower-cases entry errors whole, names included, as GitLab does', async () => {
  expect(await messagesOf('Build:\n  script: x\n  FOO: y')).toEqual([
    'jobs:build config contains unknown keys: foo',
  ])
})

it('keeps the case of errors about a shape', async () => {
  expect(await messagesOf('Build:\n  script: x\n  only: y')).toEqual([
    'jobs:Build:only has to be either an array of conditions or a hash',
  ])
})
