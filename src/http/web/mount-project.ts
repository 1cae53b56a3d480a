import type { Router } from 'express'
import { deliveriesPage, replayDelivery } from './deliveries.tsx'
import { deleteEnvironment, environmentsPage, stopEnvironment } from './environments.tsx'
import type { WebContext } from './page-route.tsx'
import { createSchedule, editSchedulePage, newSchedulePage, updateSchedule } from './schedule-form.tsx'
import {
  deleteSchedule,
  playSchedule,
  schedulePage,
  schedulesPage,
  switchSchedule,
  takeSchedule,
} from './schedules.tsx'
import { settingsPage } from './settings-page.tsx'
import { createTrigger, revealTrigger, revokeTrigger, takeTrigger, triggersPage } from './triggers.tsx'
import {
  createVariable,
  deleteVariable,
  editVariablePage,
  updateVariable,
  variablesPage,
} from './variables.tsx'

/** What a project has besides pipelines. */
export function mountProject(router: Router, context: WebContext): void {
  const schedules = '/*project/-/pipeline_schedules'
  router.get(schedules, schedulesPage(context))
  router.post(schedules, createSchedule(context))
  router.get(`${schedules}/new`, newSchedulePage(context))
  router.get(`${schedules}/:id`, schedulePage(context))
  router.post(`${schedules}/:id`, updateSchedule(context))
  router.get(`${schedules}/:id/edit`, editSchedulePage(context))
  router.post(`${schedules}/:id/play`, playSchedule(context))
  router.post(`${schedules}/:id/active`, switchSchedule(context))
  router.post(`${schedules}/:id/take_ownership`, takeSchedule(context))
  router.post(`${schedules}/:id/delete`, deleteSchedule(context))

  const triggers = '/*project/-/triggers'
  router.get(triggers, triggersPage(context))
  router.post(triggers, createTrigger(context))
  router.post(`${triggers}/:id/reveal`, revealTrigger(context))
  router.post(`${triggers}/:id/revoke`, revokeTrigger(context))
  router.post(`${triggers}/:id/take_ownership`, takeTrigger(context))

  const deliveries = '/*project/-/trigger_requests'
  router.get(deliveries, deliveriesPage(context))
  router.post(`${deliveries}/:id/replay`, replayDelivery(context))

  const variables = '/*project/-/variables'
  router.get(variables, variablesPage(context))
  router.post(variables, createVariable(context))
  router.post(`${variables}/:id`, updateVariable(context))
  router.get(`${variables}/:id/edit`, editVariablePage(context))
  router.post(`${variables}/:id/delete`, deleteVariable(context))

  const environments = '/*project/-/environments'
  router.get(environments, environmentsPage(context))
  router.post(`${environments}/:id/stop`, stopEnvironment(context))
  router.post(`${environments}/:id/delete`, deleteEnvironment(context))

  router.get('/*project/-/settings/ci_cd', settingsPage(context))
}
