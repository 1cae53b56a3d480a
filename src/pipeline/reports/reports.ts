import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import type { TestReport, TestReportSummary } from '../../model/test-report.ts'
import type { ReportRow } from '../../store/artifacts.ts'
import { isAvailable } from '../artifact-expiry.ts'
import type { EngineContext } from '../context.ts'
import { combineReports, summarizeReports, type JobTests } from './combine.ts'
import { type JunitFile, readJunit } from './junit.ts'

/** What a pipeline's jobs reported, read from the files they left. */
export interface Reports {
  /** Of the latest attempts; all zero when there is none. Unknown pipelines have none. */
  testReport(pipelineId: number): Promise<TestReport>
  testReportSummary(pipelineId: number): Promise<TestReportSummary>
}

/** Files that were read last stay in memory, up to so many cases: a page asks for the summary, and then for all. */
const KEPT_CASES = 50_000

export function makeReports(context: EngineContext): Reports {
  const { store, projects } = context
  const kept = new Map<number, JunitFile>()

  async function testsOf(pipelineId: number): Promise<JobTests[]> {
    const project = store.pipelines.find(pipelineId)?.projectId
    const path = (project === undefined ? undefined : projects.find(project)?.name) ?? ''
    const jobs: JobTests[] = []
    for (const row of store.artifacts.reportsOf(pipelineId, 'junit')) {
      if (!isAvailable(context, row)) continue
      jobs.push({
        jobId: row.jobId,
        jobName: row.jobName,
        artifactsPath: `/${path}/-/jobs/${row.jobId}/artifacts`,
        file: await fileOf(row),
      })
    }
    return jobs
  }

  async function fileOf(row: ReportRow): Promise<JunitFile> {
    const known = kept.get(row.id)
    if (known) return known
    const file = await readJunit(contentOf(join(store.stateDir, row.path), row.format), context.limits)
    kept.set(row.id, file)
    let cases = 0
    for (const [id, { cases: each }] of [...kept].toReversed()) {
      cases += each.length
      if (cases > KEPT_CASES) kept.delete(id)
    }
    return file
  }

  return {
    testReport: async (pipelineId) => combineReports(await testsOf(pipelineId)),
    testReportSummary: async (pipelineId) => summarizeReports(await testsOf(pipelineId)),
  }
}

/** The unpacked bytes; the stream is destroyed when its reader stops early. */
async function* contentOf(path: string, format: ReportRow['format']): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path)
  if (format !== 'gzip') {
    yield* file as AsyncIterable<Buffer>
    return
  }
  const unpacked = createGunzip({ chunkSize: 64 * 1024 })
  file.on('error', (error) => unpacked.destroy(error))
  try {
    yield* file.pipe(unpacked) as AsyncIterable<Buffer>
  } finally {
    file.destroy()
  }
}
