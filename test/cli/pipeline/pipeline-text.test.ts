import { expect, it } from 'vitest'
import { chooseColors } from '../../../src/cli/colors.ts'
import { countsText, jobsText, pipelineHeadline } from '../../../src/cli/pipeline/pipeline-text.ts'
import { inOrder, isSettled } from '../../../src/cli/pipeline/remote-pipeline.ts'

const colors = chooseColors('never', {}, false)
const JOBS = [
  {
    id: 5,
    name: 'unit',
    stage: 'test',
    status: 'failed',
    allow_failure: false,
    duration: 61.2,
    failure_reason: 'script_failure',
  },
  {
    id: 2,
    name: 'audit',
    stage: 'test',
    status: 'failed',
    allow_failure: true,
    duration: 0.5,
    failure_reason: 'job_execution_timeout',
  },
  {
    id: 1,
    name: 'compile\u001b[2J',
    stage: 'build',
    status: 'success',
    allow_failure: false,
    duration: 4,
    coverage: 87.4,
  },
  {
    id: 3,
    name: 'child',
    stage: 'test',
    status: 'running',
    duration: null,
    downstream_pipeline: { id: 9, status: 'running' },
  },
]

it('has the jobs by stage, in the order of their first attempts', () => {
  const retried = [...JOBS, { id: 8, name: 'audit', stage: 'test', status: 'pending' }]
  expect(inOrder(retried).map((job) => Reflect.get(Object(job), 'id'))).toEqual([1, 8, 3, 5])
})

it('shows the jobs of each stage below it', () => {
  expect(jobsText(inOrder(JOBS), colors)).toBe(`build
  Passed    4.0 s  compile  #1  87.4% coverage
test
  Warning  0.50 s  audit    #2  job_execution_timeout
  Running          child    #3  -> pipeline 9 Running
  Failed    1m 1s  unit     #5
`)
})

it('says in one line what a pipeline is', () => {
  const pipeline = {
    id: 42,
    ref: 'main',
    sha: '4f2c1ab8'.padEnd(40, '0'),
    source: 'trigger',
    status: 'running',
    duration: 12,
    name: 'nightly',
  }
  expect(pipelineHeadline(pipeline, colors)).toBe(
    'pipeline 42 "nightly" · main@4f2c1ab8 · trigger · Running · 12.0 s',
  )
  expect(countsText({ pipeline, jobs: JOBS })).toBe('1 failed, 1 warning, 1 passed, 1 running')
  expect(countsText({ pipeline, jobs: [] })).toBe('0 jobs')
})

it.each([
  ['success', [], true],
  ['running', ['success'], false],
  ['manual', ['manual', 'success'], true],
  ['manual', ['manual', 'running'], false],
  ['manual', ['manual', 'scheduled'], false],
])('a pipeline that is %s with jobs %j is settled: %s', (status, jobs, settled) => {
  expect(isSettled({ pipeline: { status }, jobs: jobs.map((each) => ({ status: each })) })).toBe(settled)
})
