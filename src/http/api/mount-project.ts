import type { Router } from 'express'
import type { HttpOptions } from '../options.ts'
import { listBranches, showBranch } from './branches.ts'
import { createCommitStatus, listCommitStatuses } from './commit-statuses.ts'
import { listCommitRefs, listProjectCommits, showCommit, showCommitDiff } from './commits.ts'
import { listDeployments, showDeployment } from './deployments.ts'
import {
  deleteEnvironment,
  listEnvironments,
  showEnvironment,
  stopEnvironment,
  updateEnvironment,
} from './environments.ts'
import {
  createVariable,
  deleteVariable,
  listVariables,
  showVariable,
  updateVariable,
} from './project-variables.ts'
import {
  currentJob,
  listResourceGroups,
  showResourceGroup,
  upcomingJobs,
  updateResourceGroup,
} from './resource-groups.ts'
import { listAllRunners, listProjectRunners, listRunners, showRunner } from './runners.ts'
import {
  createScheduleVariable,
  deleteScheduleVariable,
  listScheduleVariables,
  showScheduleVariable,
  updateScheduleVariable,
} from './schedule-variables.ts'
import {
  createSchedule,
  deleteSchedule,
  listSchedulePipelines,
  listSchedules,
  playSchedule,
  showSchedule,
  takeScheduleOwnership,
  updateSchedule,
} from './schedules.ts'
import { listTags, showTag } from './tags.ts'

/** What a project has beside pipelines and jobs, and the runners. */
export function mountProject(router: Router, options: HttpOptions): void {
  mountRepository(router, options)
  mountVariables(router, options)
  mountSchedules(router, options)

  router.get('/projects/:id/environments', listEnvironments(options))
  const environment = '/projects/:id/environments/:environment_id'
  router.get(environment, showEnvironment(options))
  router.put(environment, updateEnvironment(options))
  router.delete(environment, deleteEnvironment(options))
  router.post(`${environment}/stop`, stopEnvironment(options))
  router.get('/projects/:id/deployments', listDeployments(options))
  router.get('/projects/:id/deployments/:deployment_id', showDeployment(options))

  const group = '/projects/:id/resource_groups/:key'
  router.get('/projects/:id/resource_groups', listResourceGroups(options))
  router.get(group, showResourceGroup(options))
  router.put(group, updateResourceGroup(options))
  router.get(`${group}/current_job`, currentJob(options))
  router.get(`${group}/upcoming_jobs`, upcomingJobs(options))

  router.get('/projects/:id/runners', listProjectRunners(options))
  router.get('/runners', listRunners(options))
  router.get('/runners/all', listAllRunners(options))
  router.get('/runners/:runner_id', showRunner(options))
}

function mountRepository(router: Router, options: HttpOptions): void {
  const commit = '/projects/:id/repository/commits/:sha'
  router.get('/projects/:id/repository/branches', listBranches(options))
  router.get('/projects/:id/repository/branches/:branch', showBranch(options))
  router.get('/projects/:id/repository/tags', listTags(options))
  router.get('/projects/:id/repository/tags/:tag_name', showTag(options))
  router.get('/projects/:id/repository/commits', listProjectCommits(options))
  router.get(commit, showCommit(options))
  router.get(`${commit}/diff`, showCommitDiff(options))
  router.get(`${commit}/refs`, listCommitRefs(options))
  router.get(`${commit}/statuses`, listCommitStatuses(options))
  router.post('/projects/:id/statuses/:sha', createCommitStatus(options))
}

function mountVariables(router: Router, options: HttpOptions): void {
  const variable = '/projects/:id/variables/:key'
  router.get('/projects/:id/variables', listVariables(options))
  router.post('/projects/:id/variables', createVariable(options))
  router.get(variable, showVariable(options))
  router.put(variable, updateVariable(options))
  router.delete(variable, deleteVariable(options))
}

function mountSchedules(router: Router, options: HttpOptions): void {
  const schedule = '/projects/:id/pipeline_schedules/:pipeline_schedule_id'
  router.get('/projects/:id/pipeline_schedules', listSchedules(options))
  router.post('/projects/:id/pipeline_schedules', createSchedule(options))
  router.get(schedule, showSchedule(options))
  router.put(schedule, updateSchedule(options))
  router.delete(schedule, deleteSchedule(options))
  router.post(`${schedule}/take_ownership`, takeScheduleOwnership(options))
  router.post(`${schedule}/play`, playSchedule(options))
  router.get(`${schedule}/pipelines`, listSchedulePipelines(options))
  router.get(`${schedule}/variables`, listScheduleVariables(options))
  router.post(`${schedule}/variables`, createScheduleVariable(options))
  router.get(`${schedule}/variables/:key`, showScheduleVariable(options))
  router.put(`${schedule}/variables/:key`, updateScheduleVariable(options))
  router.delete(`${schedule}/variables/:key`, deleteScheduleVariable(options))
}
