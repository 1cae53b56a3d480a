// GitLab's answers about tests, key for key (`TestReportEntity`, `TestReportSummaryEntity`).

export type TestStatus = 'error' | 'failed' | 'success' | 'skipped'

/** What a test printed when it did not succeed: text, or the attributes of an element without text; several of them as a list. */
export type TestOutput = string | Readonly<Record<string, string>> | null | readonly TestOutput[]

export interface TestCase {
  readonly status: TestStatus
  readonly name: string | null
  readonly classname: string | null
  readonly file: string | null
  /** Seconds. */
  readonly execution_time: number
  readonly system_output: TestOutput
  readonly stack_trace: null
  readonly recent_failures: null
  /** Path of the page of an attached file; null: none was named. */
  readonly attachment_url: string | null
}

export interface TestCounts {
  readonly total_time: number
  readonly total_count: number
  readonly success_count: number
  readonly failed_count: number
  readonly skipped_count: number
  readonly error_count: number
}

export interface TestSuite extends TestCounts {
  readonly name: string
  /** Why the report could not be read; there are no cases then. */
  readonly suite_error: string | null
  readonly test_cases: readonly TestCase[]
}

export interface TestReport extends TestCounts {
  readonly test_suites: readonly TestSuite[]
}

export interface TestSuiteSummary extends TestCounts {
  readonly name: string
  readonly build_ids: readonly number[]
  readonly suite_error: string | null
}

export interface TestReportSummary {
  readonly total: {
    readonly time: number
    readonly count: number
    readonly success: number
    readonly failed: number
    readonly skipped: number
    readonly error: number
    readonly suite_error: string | null
  }
  readonly test_suites: readonly TestSuiteSummary[]
}
