import type { Router } from 'express'
import type { HttpOptions } from '../options.ts'
import {
  browseArtifacts,
  deleteArtifacts,
  deleteProjectArtifacts,
  downloadArchive,
  downloadArchiveOfRef,
  downloadFile,
  downloadFileOfRef,
  keepArtifacts,
} from './artifacts.ts'
import { createPipeline } from './create-pipeline.ts'
import { jobEvents, pipelineEvents, projectEvents } from './event-streams.ts'
import { showCurrentJob } from './current-job.ts'
import { cancelJob, eraseJob, playJob, retryJob, unscheduleJob } from './job-verbs.ts'
import { listBridges, listPipelineJobs, showJob } from './jobs.ts'
import { listProjectJobs } from './list-jobs.ts'
import { listPipelines } from './list-pipelines.ts'
import { cancelPipeline, deletePipeline, renamePipeline, retryPipeline } from './pipeline-verbs.ts'
import { latestPipeline, pipelineProvenance, pipelineVariables, showPipeline } from './pipelines.ts'
import { showTestReport, showTestReportSummary } from './test-reports.ts'
import { showTrace } from './trace.ts'

/** In this order: `artifacts` is no number of a job. */
function mountArtifacts(router: Router, options: HttpOptions): void {
  const ofRef = '/projects/:id/jobs/artifacts/*ref_name'
  router.get(`${ofRef}/download`, downloadArchiveOfRef(options))
  router.get(`${ofRef}/raw/*artifact_path`, downloadFileOfRef(options))
  const artifacts = '/projects/:id/jobs/:job_id/artifacts'
  router.get(artifacts, downloadArchive(options))
  router.delete(artifacts, deleteArtifacts(options))
  router.post(`${artifacts}/keep`, keepArtifacts(options))
  router.get(`${artifacts}/tree`, browseArtifacts(options))
  router.get(`${artifacts}/*artifact_path`, downloadFile(options))
  router.delete('/projects/:id/artifacts', deleteProjectArtifacts(options))
}

/** Pipelines and jobs, below `/projects/:id`. */
export function mountJobs(router: Router, options: HttpOptions): void {
  const pipeline = '/projects/:id/pipelines/:pipeline_id'
  router.get('/projects/:id/pipelines', listPipelines(options))
  router.post('/projects/:id/pipeline', createPipeline(options))
  router.get('/projects/:id/pipelines/latest', latestPipeline(options))
  router.get(pipeline, showPipeline(options))
  router.delete(pipeline, deletePipeline(options))
  router.get(`${pipeline}/jobs`, listPipelineJobs(options))
  router.get(`${pipeline}/bridges`, listBridges(options))
  router.get(`${pipeline}/test_report`, showTestReport(options))
  router.get(`${pipeline}/test_report_summary`, showTestReportSummary(options))
  router.get(`${pipeline}/variables`, pipelineVariables(options))
  router.get(`${pipeline}/provenance`, pipelineProvenance(options))
  router.post(`${pipeline}/retry`, retryPipeline(options))
  router.post(`${pipeline}/cancel`, cancelPipeline(options))
  router.put(`${pipeline}/metadata`, renamePipeline(options))

  router.get('/projects/:id/events/stream', projectEvents(options))
  router.get(`${pipeline}/events/stream`, pipelineEvents(options))

  mountArtifacts(router, options)

  const job = '/projects/:id/jobs/:job_id'
  router.get('/projects/:id/jobs', listProjectJobs(options))
  router.get('/job', showCurrentJob(options))
  router.get(job, showJob(options))
  router.get(`${job}/trace`, showTrace(options))
  router.post(`${job}/play`, playJob(options))
  router.post(`${job}/retry`, retryJob(options))
  router.post(`${job}/cancel`, cancelJob(options))
  router.post(`${job}/unschedule`, unscheduleJob(options))
  router.post(`${job}/erase`, eraseJob(options))
  router.get(`${job}/events/stream`, jobEvents(options))
}
