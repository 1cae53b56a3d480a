import type { Pipeline } from '../../model/pipeline.ts'
import type { Project } from '../../model/project.ts'
import type { TestCase, TestReport, TestSuite } from '../../model/test-report.ts'
import { pipelinePath } from '../urls.ts'
import { longDuration } from './duration.ts'
import { Layout, type Frame } from './layout.tsx'
import { pipelinesPath } from './paths.ts'

interface TestReportPageProps {
  readonly frame: Frame
  readonly project: Project
  readonly pipeline: Pipeline
  readonly report: TestReport
}

/** So many cases of a suite are shown, those that did not pass first. */
const MOST_CASES = 500

const MARKS = { success: '✔', failed: '✖', error: '✖', skipped: '»' } as const
const ORDER = ['error', 'failed', 'skipped', 'success']

export function TestReportPage({ frame, project, pipeline, report }: TestReportPageProps) {
  return (
    <Layout
      title={`Tests · Pipeline #${pipeline.id} · ${project.name}`}
      frame={frame}
      crumbs={[
        { text: project.name, href: pipelinesPath(project.name) },
        { text: `Pipeline #${pipeline.id}`, href: pipelinePath(project.name, pipeline.id) },
      ]}
    >
      <h1>Tests</h1>
      <p>
        {`${report.total_count} tests in ${longDuration(report.total_time * 1000)}: ${report.success_count} passed, ${report.failed_count} failed, ${report.error_count} with errors, ${report.skipped_count} skipped.`}
      </p>
      {report.test_suites.map((suite, index) => (
        <Suite key={suite.name} suite={suite} index={index} />
      ))}
    </Layout>
  )
}

function Suite({ suite, index }: { readonly suite: TestSuite; readonly index: number }) {
  const cases = suite.test_cases.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
  return (
    <section aria-labelledby={`suite-${index}`}>
      <h2 id={`suite-${index}`}>{suite.name}</h2>
      {suite.suite_error !== null && <pre class="error">{suite.suite_error}</pre>}
      {cases.length > 0 && (
        <div class="wide">
          <table aria-label={`Tests of ${suite.name}`}>
            <thead>
              <tr>
                <th scope="col">Status</th>
                <th scope="col">Test</th>
                <th scope="col">Time</th>
              </tr>
            </thead>
            <tbody>
              {cases.slice(0, MOST_CASES).map((each, at) => (
                <Case key={at} test={each} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {cases.length > MOST_CASES && (
        <p class="quiet">{`${cases.length - MOST_CASES} more are not shown here; the API's test_report has them all.`}</p>
      )}
    </section>
  )
}

function Case({ test }: { readonly test: TestCase }) {
  const output = test.system_output
  return (
    <tr>
      <td class={test.status === 'success' ? 'success' : test.status === 'skipped' ? 'skipped' : 'failed'}>
        <span aria-hidden="true">{MARKS[test.status]}</span> {test.status}
      </td>
      <th scope="row">
        {[test.classname, test.name].filter((text) => text !== null && text !== '').join(' · ')}
        {test.file !== null && <p class="hint">{test.file}</p>}
        {output !== null && output !== '' && test.status !== 'success' && (
          <details>
            <summary>Output</summary>
            <pre>{typeof output === 'string' ? output : JSON.stringify(output, null, 2)}</pre>
          </details>
        )}
      </th>
      <td class="number">{longDuration(test.execution_time * 1000)}</td>
    </tr>
  )
}
