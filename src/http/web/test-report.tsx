import type { RequestHandler } from 'express'
import { html } from './html-reply.ts'
import { projectRoute, type WebContext } from './page-route.tsx'
import { TestReportPage } from './test-report-page.tsx'

/** `/-/pipelines/:id/test_report` */
export function testReportPage(context: WebContext): RequestHandler {
  const { store, engine } = context.options
  return projectRoute(context, async ({ frame, project, id }) => {
    const pipeline = store.pipelines.find(id)
    if (pipeline?.projectId !== project.id) return undefined
    const report = await engine.reports.testReport(id)
    const page = <TestReportPage frame={frame} project={project} pipeline={pipeline} report={report} />
    return html(200, { page, nonce: null })
  })
}
