import { describe, expect, it } from 'vitest'
import type { PlanFacts } from '../../../src/ci/plan.ts'
import { comparedRefs } from '../../../src/ci/plan/compared-refs.ts'
import { configOf, factsOf, jobsOf, outcomeOf, planOf, variables } from '../support.ts'

const TAG: Partial<PlanFacts> = { ref: 'v1', tag: true }

describe('rules', () => {
  it('takes the first rule that is true; without one the job is left out', async () => {
    const text =
      'job: {script: x, rules: [{if: $CI_COMMIT_TAG, when: never}, {if: $CI_COMMIT_BRANCH == "main"}]}\nalways: {script: x}'
    expect(await jobsOf(text)).toEqual(['job', 'always'])
    expect(await jobsOf(text, TAG)).toEqual(['always'])
    expect(await jobsOf(text, { ref: 'other' })).toEqual(['always'])
  })

  it('records each clause looked at, with the values compared', async () => {
    const { excluded } = await planOf(
      'job:\n  script: x\n  rules:\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n    - if: $CI_COMMIT_TAG\nother: {script: x}\n',
      { ref: 'feature/x' },
    )
    expect(excluded).toMatchObject([
      {
        job: 'job',
        in: false,
        stage: 'test',
        location: { line: 1, column: 1 },
        steps: [
          {
            label: 'rule 1',
            matched: false,
            clause: 'if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
            detail: '"feature/x" == "main"',
            location: { line: 4, column: 11 },
          },
          {
            label: 'rule 2',
            matched: false,
            clause: 'if: $CI_COMMIT_TAG',
            location: { line: 5, column: 11 },
          },
        ],
      },
    ])
    expect(excluded[0]?.because).toContain('no rule matched')
  })

  it('stops at the first clause of a rule that is false', async () => {
    const { excluded } = await planOf(
      'job: {script: x, rules: [{if: $NO, changes: [a], exists: [b]}]}\nother: {script: x}',
    )
    expect(excluded[0]?.steps.map(({ clause }) => clause)).toEqual(['if: $NO'])
  })

  it('hides masked values', async () => {
    const above = variables('project', { TOKEN: 'very-secret' }).map((one) => ({ ...one, masked: true }))
    const plan = await planOf('job: {script: x, rules: [{if: $TOKEN == "very-secret"}]}', { above })
    expect(JSON.stringify(plan)).not.toContain('detail":"\\"very-secret')
    expect(plan.jobs[0]?.verdict.steps[0]?.detail).toBe('"[MASKED]" == "[MASKED]"')
  })

  it.each([
    ['rules: []', []],
    ['rules:', ['job']],
    ['rules: [{when: never}]', []],
    ['rules: [{when: on_success}]', ['job']],
  ])('%s', async (rules, jobs) => {
    expect(await jobsOf(`job:\n  script: x\n  ${rules}\n.x:`)).toEqual(jobs)
  })

  it.each`
    job                                     | rule                                   | when            | allowFailure | codes
    ${'when: manual'}                       | ${null}                                | ${'manual'}     | ${true}      | ${[]}
    ${'when: manual, allow_failure: false'} | ${null}                                | ${'manual'}     | ${false}     | ${[]}
    ${'tags: []'}                           | ${'when: manual'}                      | ${'manual'}     | ${false}     | ${[]}
    ${'tags: []'}                           | ${'when: manual, allow_failure: true'} | ${'manual'}     | ${true}      | ${[]}
    ${'when: manual'}                       | ${'if: $CI_PIPELINE_SOURCE'}           | ${'manual'}     | ${true}      | ${[]}
    ${'allow_failure: true'}                | ${'when: manual'}                      | ${'manual'}     | ${true}      | ${[]}
    ${'allow_failure: {exit_codes: [3]}'}   | ${'when: always, allow_failure: true'} | ${'always'}     | ${true}      | ${[]}
    ${'allow_failure: {exit_codes: [3]}'}   | ${'when: always'}                      | ${'always'}     | ${false}     | ${[3]}
    ${'when: on_failure'}                   | ${'when: always'}                      | ${'always'}     | ${false}     | ${[]}
    ${'when: on_failure'}                   | ${null}                                | ${'on_failure'} | ${false}     | ${[]}
  `(
    'job {$job} and rule {$rule}: $when, may fail $allowFailure',
    async ({ job, rule, when, allowFailure, codes }) => {
      const rules = rule === null ? '' : `, rules: [{${rule}}]`
      const { jobs } = await planOf(`job: {script: x, ${job}${rules}}`)
      expect(jobs[0]).toMatchObject({ when, allowFailure, allowFailureExitCodes: codes })
    },
  )

  it('takes delay, interruptible and needs from the rule', async () => {
    const { jobs } = await planOf(`
a: {script: x}
b: {script: x}
job: {script: x, needs: [a], interruptible: true, rules: [{when: delayed, start_in: 3 hours, needs: [b], interruptible: false}]}`)
    expect(jobs[2]).toMatchObject({
      when: 'delayed',
      startIn: 10_800,
      interruptible: false,
      needs: [{ job: 'b', artifacts: true }],
      scheduling: 'dag',
    })
  })

  it('puts the variables of the rule on top, and does not let them decide', async () => {
    const { jobs } = await planOf(
      'job: {script: x, variables: {A: job, B: job}, rules: [{if: $A == "job", variables: {A: rule}}]}',
    )
    expect(jobs[0]?.variables).toMatchObject([
      { key: 'A', value: 'rule', origin: 'rules' },
      { key: 'B', value: 'job', origin: 'job' },
    ])
  })

  it('compares values in the order of precedence', async () => {
    const text = 'variables: {V: global}\njob: {script: x, variables: {V: job}, rules: [{if: $V == "WANT"}]}'
    const facts = { predefined: variables('predefined', { V: 'predefined' }) }
    expect(await jobsOf(text.replace('WANT', 'job'), facts)).toEqual(['job'])
    expect(
      await jobsOf(text.replace('WANT', 'trigger'), {
        ...facts,
        above: variables('trigger', { V: 'trigger' }),
      }),
    ).toEqual(['job'])
    expect(
      await jobsOf(text.replace('WANT', 'job'), { ...facts, above: variables('trigger', { V: 'trigger' }) }),
    ).toEqual([])
  })

  it('does not carry values from one job to the next', async () => {
    expect(
      await jobsOf(
        'a: {script: x, variables: {V: a}}\nb: {script: x, rules: [{if: $V}]}\nc: {script: x, variables: {V: c}, rules: [{if: $V == "c"}]}',
      ),
    ).toEqual(['a', 'c'])
  })

  it('compares values as stored, not expanded', async () => {
    expect(
      await jobsOf(
        'variables: {A: x, B: $A}\njob: {script: x, rules: [{if: $B == "x"}]}\nother: {script: x, rules: [{if: $B == "$A"}]}',
      ),
    ).toEqual(['other'])
  })

  it('sees matrix variables and the name of the job', async () => {
    const rule = `if: '$P == "b" && $CI_JOB_NAME == "job: [b]" && $CI_NODE_INDEX == "2"'`
    expect(await jobsOf(`job: {script: x, parallel: {matrix: [{P: [a, b]}]}, rules: [{${rule}}]}`)).toEqual([
      'job: [b]',
    ])
  })

  it('does not compare the content of a file variable', async () => {
    const above = variables('trigger', { TRIGGER_PAYLOAD: '{"ref":"main"}' }).map((one) => ({
      ...one,
      file: true,
    }))
    expect(
      await jobsOf(
        'job: {script: x, rules: [{if: $TRIGGER_PAYLOAD =~ /main/}]}\nother: {script: x, rules: [{if: $TRIGGER_PAYLOAD}]}',
        { above },
      ),
    ).toEqual(['other'])
  })
})

describe('changes', () => {
  const text = (changes: string): string =>
    `job: {script: x, rules: [{changes: ${changes}}]}\nother: {script: x}`
  it.each([
    ['["*.md"]', ['README.md'], true],
    ['["*.md"]', ['docs/a.md'], false],
    ['["**/*.md"]', ['docs/a.md'], true],
    ['["docs/"]', ['docs/a.md'], false],
    ['["a"]', [], false],
    ['[]', ['a'], false],
    ['["*.md"]', null, true],
    ['{regexp: "^src/.*[.]ts$"}', ['src/a/b.ts'], true],
    ['{regexp: "^src/"}', ['lib/src/'], false],
    ['["$DIR/*"]', ['lib/a'], true],
    ['["$NOPE/*"]', ['lib/a'], false],
  ])('%s of %j: %s', async (changes, changedPaths, matches) => {
    const jobs = await jobsOf(`variables: {DIR: lib}\n${text(changes)}`, { changedPaths })
    expect(jobs.includes('job')).toBe(matches)
  })

  it('is true above 50,000 comparisons', async () => {
    const changedPaths = Array.from({ length: 25_001 }, (_, n) => `f${n}`)
    expect(await jobsOf(text('[x, y]'), { changedPaths })).toContain('job')
    expect(await jobsOf(text('[x, y]'), { changedPaths: changedPaths.slice(1) })).not.toContain('job')
  })

  it('compares to another ref, with variables', async () => {
    const compare = text('{paths: [a], compare_to: $CI_DEFAULT_BRANCH}')
    expect(await jobsOf(compare, { changedPaths: ['a'], compared: new Map([['main', ['b']]]) })).toEqual([
      'other',
    ])
    expect(await jobsOf(compare, { changedPaths: null, compared: new Map([['main', ['a']]]) })).toEqual([
      'job',
      'other',
    ])
  })

  it('fails the pipeline when that ref does not exist', async () => {
    const outcome = await outcomeOf(text('{paths: [a], compare_to: nope}'), {
      compared: new Map([['nope', null]]),
    })
    expect(outcome).toMatchObject({
      kind: 'invalid',
      diagnostics: [
        {
          code: 'rules.failed',
          message: 'Failed to parse rule for job: rules:changes:compare_to is not a valid ref',
        },
      ],
    })
  })
})

it('knows the ref of a compare_to that a workflow rule names', async () => {
  const text =
    'workflow: {rules: [{if: $NO, variables: {BASE: a}}, {if: $CI_COMMIT_BRANCH, variables: {BASE: b}}]}\nvariables: {BASE: c}\njob: {script: x, rules: [{changes: {paths: [x], compare_to: $BASE}}]}\nother: {script: x}'
  const facts = factsOf()
  expect(comparedRefs(await configOf(text), facts).toSorted()).toEqual(['a', 'b', 'c'])
  const compared = (paths: readonly string[]) =>
    new Map([
      ['a', ['x']],
      ['b', paths],
      ['c', ['x']],
    ])
  expect(await jobsOf(text, { compared: compared(['y']) })).toEqual(['other'])
  expect(await jobsOf(text, { compared: compared(['x']) })).toEqual(['job', 'other'])
})

describe('exists', () => {
  it.each([
    ['[Makefile]', true],
    ['[makefile]', false],
    ['[docs/]', true],
    ['[docs]', false],
    ['["**/*.rb"]', true],
    ['["**/*.py"]', false],
    ['["*.md"]', false],
    ['["docs/*.md"]', true],
    ['["$DIR/*.md"]', true],
    ['["$NESTED/*.md"]', true],
    ['["$CIRCLE"]', false],
    // What says `expand: false` is put in as it is written.
    ['["$LITERAL"]', false],
    ['["$BY_LITERAL/a.md"]', false],
    ['[]', false],
    ['{paths: [nope, Makefile]}', true],
    ['{regexp: "[.]rb$"}', true],
  ])('%s: %s', async (exists, matches) => {
    const jobs = await jobsOf(
      `variables: {DIR: docs, NESTED: $DIR$NOWHERE, CIRCLE: $CIRCLE, LITERAL: {value: $DIR/a.md, expand: false}, RAW: {value: $DIR, expand: false}, BY_LITERAL: $RAW}\njob: {script: x, rules: [{exists: ${exists}}]}\nother: {script: x}`,
      {
        treePaths: ['Makefile', 'docs/a.md', 'lib/deep/x.rb'],
      },
    )
    expect(jobs.includes('job')).toBe(matches)
  })
})

describe('workflow', () => {
  const workflow =
    'workflow: {rules: [{if: $CI_COMMIT_TAG, when: never}, {if: $CI_COMMIT_BRANCH, variables: {V: workflow}}]}\nvariables: {V: global, W: global}\n'

  it('refuses the pipeline, with its trace', async () => {
    expect(await outcomeOf(`${workflow}job: {script: x}`, TAG)).toMatchObject({
      kind: 'filtered_by_workflow_rules',
      message: 'The pipeline did not run. Review the workflow:rules configuration for the pipeline.',
      workflow: [{ label: 'workflow rule 1', matched: true, clause: 'if: $CI_COMMIT_TAG' }],
    })
  })

  it('refuses when no rule matches', async () => {
    expect(await outcomeOf('workflow: {rules: [{if: $NOPE}]}\njob: {script: x}')).toMatchObject({
      kind: 'filtered_by_workflow_rules',
    })
  })

  it('gives its variables to all jobs, over the global ones', async () => {
    const plan = await planOf(
      `${workflow}job: {script: x, rules: [{if: $V == "workflow"}]}\nnone: {script: x, inherit: {variables: [W]}}`,
    )
    expect(plan.jobs[0]?.variables).toMatchObject([
      { key: 'V', value: 'workflow', origin: 'workflow' },
      { key: 'W', value: 'global', origin: 'global' },
    ])
    expect(plan.jobs[1]?.variables).toMatchObject([{ key: 'W' }])
    expect(plan.workflow.map(({ matched }) => matched)).toEqual([false, true])
  })

  it.each([
    ['name: "Build $CI_COMMIT_REF_NAME"', 'Build main'],
    ['name: "  $NOPE  "', null],
    ['auto_cancel: {}', null],
  ])('%s', async (line, name) => {
    expect((await planOf(`workflow: {${line}}\njob: {script: x}`)).name).toBe(name)
  })

  it('says what cancels it', async () => {
    const text =
      'workflow: {auto_cancel: {on_new_commit: none}, rules: [{if: $CI_COMMIT_TAG, auto_cancel: {on_job_failure: all}}, {when: always}]}\njob: {script: x}'
    expect((await planOf(text)).autoCancel).toEqual({ onNewCommit: 'none', onJobFailure: 'none' })
    expect((await planOf(text, TAG)).autoCancel).toEqual({ onNewCommit: 'none', onJobFailure: 'all' })
    expect((await planOf('job: {script: x}')).autoCancel).toEqual({
      onNewCommit: 'conservative',
      onJobFailure: 'none',
    })
  })
})

describe('an empty pipeline', () => {
  it.each([
    ['no job is left', 'job: {script: x, rules: [{when: never}]}'],
    [
      'only edge stages are left',
      'a: {script: x, stage: .pre}\nb: {script: x, stage: .post}\njob: {script: x, only: [tags]}',
    ],
  ])('is not made when %s', async (_title, text) => {
    expect(await outcomeOf(text)).toMatchObject({
      kind: 'filtered_by_rules',
      message:
        'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
      excluded: [{ job: 'job' }],
    })
  })
})
