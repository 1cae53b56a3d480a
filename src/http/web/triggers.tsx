import type { RequestHandler } from 'express'
import type { Project } from '../../model/project.ts'
import type { Trigger } from '../../model/trigger.ts'
import type { HttpOptions } from '../options.ts'
import { mayRead } from '../permissions.ts'
import type { Reply } from '../reply.ts'
import { wholeNumber } from './form.ts'
import { html } from './html-reply.ts'
import {
  done,
  failed,
  projectRoute,
  type Outcome,
  type ProjectVisit,
  type WebContext,
} from './page-route.tsx'
import { partOf } from './paging.tsx'
import { triggersPath } from './paths.ts'
import { TriggersPage, type ListedTrigger } from './triggers-page.tsx'

const PER_PAGE = 50
/** GitLab `Ci::Trigger::MAX_DESCRIPTION_LENGTH`, and the longest life of a token. */
const LONGEST_DESCRIPTION = 2048
const LONGEST_LIFE_DAYS = 365
const DAY_MS = 24 * 3600_000
const EMPTY = { description: '', expiresAt: '' }

/** `/-/triggers` */
export function triggersPage(context: WebContext): RequestHandler {
  return projectRoute(context, (visit) => show(context, visit, 200, EMPTY), 'maintainer')
}

/** `POST /-/triggers`: the token is on the next page, and on no later one until its owner asks. */
export function createTrigger(context: WebContext): RequestHandler {
  const { engine, clock } = context.options
  return projectRoute(
    context,
    (visit): Reply | Outcome => {
      const { project, form, user } = visit
      const fields = { description: form.text('description') ?? '', expiresAt: form.text('expires_at') ?? '' }
      const wrong = wrongWords(fields, clock.now())
      if (wrong !== undefined) return show(context, refused(visit, wrong), 422, fields)
      const made = engine.triggers.create({
        projectId: project.id,
        ownerId: user.id,
        description: fields.description,
        expiresAt: fields.expiresAt === '' ? null : Date.parse(fields.expiresAt),
      })
      if (!made.ok) return show(context, refused(visit, made.error.message), 422, fields)
      const text = 'The trigger was made. This is its token:'
      return { to: triggersPath(project.name), said: { kind: 'done', text, secret: made.value.token } }
    },
    'maintainer',
  )
}

/** `POST …/reveal`: GitLab shows a token to its owner, and to nobody else. */
export function revealTrigger(context: WebContext): RequestHandler {
  const { store } = context.options
  return triggerRoute(context, ({ project, user }, trigger) => {
    const here = triggersPath(project.name)
    const token = trigger.ownerId === user.id ? store.triggers.tokenOf(trigger.id) : undefined
    if (token === undefined) return failed(here, 'Only its owner is shown the token of a trigger.')
    return { to: here, said: { kind: 'done', text: `The token of "${trigger.description}":`, secret: token } }
  })
}

/** `POST …/revoke` */
export function revokeTrigger(context: WebContext): RequestHandler {
  const { engine } = context.options
  return triggerRoute(context, ({ project }, trigger) => {
    const here = triggersPath(project.name)
    return engine.triggers.revoke(trigger.id)
      ? done(here, `The trigger "${trigger.description}" (${trigger.shortToken}) was revoked.`)
      : failed(here, 'It was revoked before.')
  })
}

/** `POST …/take_ownership` */
export function takeTrigger(context: WebContext): RequestHandler {
  const { engine } = context.options
  return triggerRoute(context, ({ project, user }, trigger) => {
    const here = triggersPath(project.name)
    const taken = engine.triggers.takeOwnership(trigger.id, user.id)
    return taken.ok
      ? done(here, `The trigger "${trigger.description}" is yours: its pipelines run as ${user.name}.`)
      : failed(here, taken.error.message)
  })
}

function triggerRoute(
  context: WebContext,
  act: (visit: ProjectVisit, trigger: Trigger) => Outcome,
): RequestHandler {
  const { triggers } = context.options.store
  return projectRoute(
    context,
    (visit) => {
      const trigger = triggers.find(visit.id)
      const isThere =
        trigger?.projectId === visit.project.id && trigger.revokedAt === null && trigger.withdrawnAt === null
      return isThere ? act(visit, trigger) : undefined
    },
    'maintainer',
  )
}

function show(
  { options }: WebContext,
  { frame, project, query, user }: ProjectVisit,
  status: number,
  fields: typeof EMPTY,
): Reply {
  const page = wholeNumber(query.text('page'), 1)
  const { triggers, total } = options.store.triggers.page(project.id, partOf({ page, perPage: PER_PAGE }))
  return html(status, {
    page: (
      <TriggersPage
        frame={frame}
        project={project}
        triggers={triggers.map((trigger) => listedTrigger(options, project, trigger))}
        paging={{ page, perPage: PER_PAGE, total }}
        externalUrl={options.externalUrl()}
        viewerId={user.id}
        fields={fields}
      />
    ),
    nonce: null,
  })
}

function refused(visit: ProjectVisit, text: string): ProjectVisit {
  return { ...visit, frame: { ...visit.frame, said: { kind: 'problem', text } } }
}

function listedTrigger({ store, clock }: HttpOptions, project: Project, trigger: Trigger): ListedTrigger {
  const { ownerId, expiresAt } = trigger
  const { total } = store.triggerRequests.page(project.id, { triggerId: trigger.id }, { limit: 1, offset: 0 })
  const state =
    expiresAt !== null && expiresAt <= clock.now()
      ? 'expired'
      : ownerId === null
        ? 'legacy'
        : mayRead(store, ownerId, project.id)
          ? 'valid'
          : 'invalid'
  return { trigger, owner: ownerId === null ? undefined : store.users.find(ownerId), uses: total, state }
}

/** GitLab's messages. */
function wrongWords({ description, expiresAt }: typeof EMPTY, now: number): string | undefined {
  if (description.trim() === '') return "Description can't be blank"
  if (description.length > LONGEST_DESCRIPTION)
    return `Description is too long (maximum is ${LONGEST_DESCRIPTION} characters)`
  if (expiresAt === '') return undefined
  const at = /^\d{4}-\d\d-\d\d$/.test(expiresAt) ? Date.parse(expiresAt) : Number.NaN
  if (Number.isNaN(at)) return 'Expires at is invalid'
  const latest = new Date(now + LONGEST_LIFE_DAYS * DAY_MS).toISOString().slice(0, 10)
  return at >= Date.parse(latest) ? `Expires at must be before ${latest}` : undefined
}
