import type { Router } from 'express'
import { browseArtifacts, downloadArtifacts, downloadFile } from './artifacts.tsx'
import { createPipeline, newPipelinePage } from './new-pipeline.tsx'
import type { WebContext } from './page-route.tsx'
import { jobPage, pipelinePage, rawTrace } from './pages.tsx'
import { latestPipeline, pipelinesPage } from './pipelines.tsx'
import { jobEvents, pipelineEvents, projectEvents } from './streams.ts'
import { testReportPage } from './test-report.tsx'
import * as verbs from './verbs.ts'

export function mountPipelines(router: Router, context: WebContext): void {
  const all = '/*project/-/pipelines'
  const one = `${all}/:id`
  router.get(all, pipelinesPage(context))
  router.post(all, createPipeline(context))
  router.get(`${all}/new`, newPipelinePage(context))
  router.get(`${all}/latest`, latestPipeline(context))
  router.get(`${all}/events`, projectEvents(context))
  router.get(one, pipelinePage(context))
  router.get(`${one}/events`, pipelineEvents(context))
  router.get(`${one}/test_report`, testReportPage(context))
  router.post(`${one}/retry`, verbs.retryPipeline(context))
  router.post(`${one}/cancel`, verbs.cancelPipeline(context))
  router.post(`${one}/delete`, verbs.deletePipeline(context))
  router.get(`${all}/*ref/latest`, latestPipeline(context))
}

export function mountJobs(router: Router, context: WebContext): void {
  const job = '/*project/-/jobs/:id'
  router.get(job, jobPage(context))
  router.get(`${job}/raw`, rawTrace(context))
  router.get(`${job}/events`, jobEvents(context))
  router.get([`${job}/artifacts/browse`, `${job}/artifacts/browse/*path`], browseArtifacts(context))
  router.get(`${job}/artifacts/download`, downloadArtifacts(context))
  router.get(`${job}/artifacts/raw/*path`, downloadFile(context))
  router.post(`${job}/play`, verbs.playJob(context))
  router.post(`${job}/retry`, verbs.retryJob(context))
  router.post(`${job}/cancel`, verbs.cancelJob(context))
  router.post(`${job}/unschedule`, verbs.unscheduleJob(context))
  router.post(`${job}/erase`, verbs.eraseJob(context))
  router.post(`${job}/artifacts/keep`, verbs.keepArtifacts(context))
  router.post(`${job}/artifacts/delete`, verbs.deleteArtifacts(context))
}
