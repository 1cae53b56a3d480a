import { groupName } from '../../ci/variables/predefined-job.ts'
import type {
  TestCase,
  TestCounts,
  TestReport,
  TestReportSummary,
  TestStatus,
  TestSuite,
  TestSuiteSummary,
} from '../../model/test-report.ts'
import type { JunitCase, JunitFile } from './junit.ts'

/** The JUnit report of one job. */
export interface JobTests {
  readonly jobId: number
  readonly jobName: string
  /** Path of the pages of the job's artifacts: `/group/app/-/jobs/7/artifacts`. */
  readonly artifactsPath: string
  readonly file: JunitFile
}

/** GitLab's order on the page: what needs a look first. */
const ORDER: readonly TestStatus[] = ['error', 'failed', 'success', 'skipped']

/** Cases by status and key: of one key and status the last counts, as in GitLab's hashes. */
type Cases = Map<TestStatus, CasesByKey>
type CasesByKey = Map<string, KeyedCase>

interface KeyedCase {
  readonly test: JunitCase
  readonly job: JobTests
}

interface Suite {
  readonly name: string
  readonly cases: Cases
  time: number
  error: string | null
}

/** All jobs' reports as one: jobs of a parallel group share a suite, each job of a matrix has its own. */
export function combineReports(jobs: readonly JobTests[]): TestReport {
  const suites = new Map<string, Suite>()
  for (const job of jobs) addTo(suites, job)
  const test_suites = Array.from(suites.values(), toSuite)
  return { ...sumOf(test_suites), test_suites }
}

/** The same without the cases. Counted for each job, then added up by suite. */
export function summarizeReports(jobs: readonly JobTests[]): TestReportSummary {
  const bySuite = new Map<string, TestSuiteSummary[]>()
  for (const job of jobs) {
    const one = new Map<string, Suite>()
    const { test_cases: _, ...counts } = toSuite(addTo(one, job))
    const summary = { ...counts, build_ids: [job.jobId] }
    const list = bySuite.get(summary.name)
    if (list) list.push(summary)
    else bySuite.set(summary.name, [summary])
  }
  const test_suites = Array.from(bySuite, ([name, list]) => ({
    name,
    ...sumOf(list),
    build_ids: list.flatMap(({ build_ids }) => build_ids),
    suite_error: firstError(list),
  }))
  const sum = sumOf(test_suites)
  return {
    total: {
      time: sum.total_time,
      count: sum.total_count,
      success: sum.success_count,
      failed: sum.failed_count,
      skipped: sum.skipped_count,
      error: sum.error_count,
      suite_error: firstError(test_suites),
    },
    test_suites,
  }
}

function addTo(suites: Map<string, Suite>, job: JobTests): Suite {
  const name = suiteName(job.jobName)
  const suite = suites.get(name) ?? { name, cases: new Map(), time: 0, error: null }
  suites.set(name, suite)
  suite.error ??= job.file.error
  for (const test of job.file.cases) {
    casesOf(suite.cases, test.status).set(
      `${test.suiteName ?? name}_${test.classname ?? ''}_${test.name ?? ''}`,
      { test, job },
    )
    suite.time += test.time
  }
  return suite
}

function casesOf(cases: Cases, status: TestStatus): CasesByKey {
  const known = cases.get(status)
  if (known) return known
  const made: CasesByKey = new Map<string, KeyedCase>()
  cases.set(status, made)
  return made
}

/** GitLab: `Ci::Build#test_suite_name`. */
function suiteName(jobName: string): string {
  return /: \[.*\]$/.test(jobName) ? jobName : groupName(jobName)
}

function toSuite({ name, cases, time, error }: Suite): TestSuite {
  const count = (status: TestStatus): number => (error === null ? (cases.get(status)?.size ?? 0) : 0)
  const counts = {
    success_count: count('success'),
    failed_count: count('failed'),
    skipped_count: count('skipped'),
    error_count: count('error'),
  }
  const total_count = counts.success_count + counts.failed_count + counts.skipped_count + counts.error_count
  return {
    name,
    total_time: time,
    total_count,
    ...counts,
    suite_error: error,
    test_cases: error === null ? sortedCases(cases) : [],
  }
}

/** GitLab: by status, then the slowest first. */
function sortedCases(cases: Cases): TestCase[] {
  return ORDER.flatMap((status) =>
    [...(cases.get(status)?.values() ?? [])]
      .toSorted((one, other) => other.test.time - one.test.time)
      .map(({ test, job }) => ({
        status,
        name: test.name,
        classname: test.classname,
        file: test.file,
        execution_time: test.time,
        system_output: test.output,
        stack_trace: null,
        recent_failures: null,
        attachment_url: test.attachment === null ? null : `${job.artifactsPath}/file/${test.attachment}`,
      })),
  )
}

function sumOf(parts: readonly TestCounts[]): TestCounts {
  const sum = (pick: (part: TestCounts) => number): number =>
    parts.reduce((total, part) => total + pick(part), 0)
  return {
    total_time: sum((part) => part.total_time),
    total_count: sum((part) => part.total_count),
    success_count: sum((part) => part.success_count),
    failed_count: sum((part) => part.failed_count),
    skipped_count: sum((part) => part.skipped_count),
    error_count: sum((part) => part.error_count),
  }
}

function firstError(parts: readonly { readonly suite_error: string | null }[]): string | null {
  return parts.find(({ suite_error }) => suite_error !== null)?.suite_error ?? null
}
