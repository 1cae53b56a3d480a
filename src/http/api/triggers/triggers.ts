import type { RequestHandler } from 'express'
import type { RegistryRefusal } from '../../../pipeline/registry/refusal.ts'
import { err, ok } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import type { Problem } from '../../problems.ts'
import { json, NO_CONTENT } from '../../reply.ts'
import { changedSince, forRole } from '../guards.ts'
import { paginated, readPage } from '../pagination.ts'
import { projectRoute, type Answer } from '../route.ts'
import { presentTrigger, triggerRoute } from './find-trigger.ts'
import { mergeLimits, newLimits, readLimits } from './read-limits.ts'

/** GitLab `Ci::Trigger::MAX_DESCRIPTION_LENGTH`, and the longest life of a token. */
const LONGEST_DESCRIPTION = 2048
const LONGEST_LIFE_DAYS = 365
const DAY_MS = 24 * 3600_000

/** `GET /projects/:id/triggers` */
export function listTriggers(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ page: readPage(params) }),
    forRole(options, 'maintainer', ({ project, user, params: { page }, sent, path }) => {
      const { triggers, total } = options.store.triggers.page(project.id, page)
      const items = triggers.map((trigger) => presentTrigger(options, trigger, user.id))
      return ok(paginated({ page, items, total, url: options.externalUrl() + path, sent }))
    }),
  )
}

/** `GET /projects/:id/triggers/:trigger_id` */
export function showTrigger(options: HttpOptions): RequestHandler {
  return triggerRoute(
    options,
    () => ({}),
    ({ user }, trigger) => ok(json(200, presentTrigger(options, trigger, user.id))),
  )
}

/** `POST /projects/:id/triggers` */
export function createTrigger(options: HttpOptions): RequestHandler {
  return projectRoute(
    options,
    (params) => ({
      description: params.presentText('description') ?? '',
      expiresAt: params.time('expires_at') ?? null,
      sent: readLimits(params),
    }),
    forRole(options, 'maintainer', ({ project, user, params }) => {
      const errors = wrongWords(params, options.clock.now())
      if (errors !== undefined) return err({ kind: 'bad_request', reason: errors })
      const made = options.engine.triggers.create({
        projectId: project.id,
        ownerId: user.id,
        description: params.description,
        expiresAt: params.expiresAt,
        limits: newLimits(params.sent),
        secret: params.sent.secret ?? null,
      })
      if (!made.ok) return err(problemFor(made.error))
      return present(options, made.value.id, user.id, 201, params.sent.secret)
    }),
  )
}

/** `PUT /projects/:id/triggers/:trigger_id`: for its owner, while he maintains the project. */
export function updateTrigger(options: HttpOptions): RequestHandler {
  return triggerRoute(
    options,
    (params) => ({ description: params.text('description'), sent: readLimits(params) }),
    ({ user, params }, trigger) => {
      if (trigger.ownerId !== user.id) {
        const reason = 'The current user is not authorized to update the pipeline trigger token'
        return err({ kind: 'forbidden', reason })
      }
      if ((params.description?.length ?? 0) > LONGEST_DESCRIPTION) {
        return err({
          kind: 'bad_request',
          reason: 'Attempted to update the pipeline trigger token but failed',
        })
      }
      const changed = options.engine.triggers.change(trigger.id, {
        ...(params.description === undefined ? {} : { description: params.description }),
        limits: mergeLimits(trigger.limits, params.sent),
        ...(params.sent.secret === undefined ? {} : { secret: params.sent.secret }),
      })
      return changed.ok
        ? present(options, trigger.id, user.id, 200, params.sent.secret)
        : err(problemFor(changed.error))
    },
  )
}

/** `DELETE /projects/:id/triggers/:trigger_id`. Of two who ask at once, the second finds nothing. */
export function revokeTrigger(options: HttpOptions): RequestHandler {
  return triggerRoute(
    options,
    () => ({}),
    ({ headers }, trigger) => {
      if (changedSince(headers, trigger.updatedAt)) return err({ kind: 'precondition_failed' })
      return options.engine.triggers.revoke(trigger.id) ? ok(NO_CONTENT) : err({ kind: 'record_not_found' })
    },
  )
}

/** `POST /projects/:id/triggers/:trigger_id/take_ownership`, of GitLab 9 to 12. */
export function takeOwnership(options: HttpOptions): RequestHandler {
  return triggerRoute(
    options,
    () => ({}),
    ({ user }, trigger) => {
      const taken = options.engine.triggers.takeOwnership(trigger.id, user.id)
      return taken.ok ? present(options, trigger.id, user.id, 200, null) : err(problemFor(taken.error))
    },
  )
}

/** A secret is shown when it is set, and never again. */
function present(
  options: HttpOptions,
  id: number,
  viewerId: number,
  status: number,
  secret: string | null | undefined,
): Answer {
  const trigger = options.store.triggers.find(id)
  if (!trigger) return err({ kind: 'record_not_found' })
  const shown = typeof secret === 'string' ? { webhook_secret: secret } : {}
  return ok(json(status, { ...presentTrigger(options, trigger, viewerId), ...shown }))
}

/** The model's complaints as GitLab's service puts them: JSON in a text. */
function wrongWords(
  { description, expiresAt }: { readonly description: string; readonly expiresAt: number | null },
  now: number,
): string | undefined {
  const errors: Record<string, string[]> = {}
  if (description.length > LONGEST_DESCRIPTION)
    errors['description'] = [`is too long (maximum is ${LONGEST_DESCRIPTION} characters)`]
  const latest = new Date(now + LONGEST_LIFE_DAYS * DAY_MS).toISOString().slice(0, 10)
  if (expiresAt !== null && expiresAt >= Date.parse(latest))
    errors['expires_at'] = [`must be before ${latest}`]
  return Object.keys(errors).length === 0 ? undefined : JSON.stringify(errors)
}

function problemFor({ reason, message }: RegistryRefusal): Problem {
  if (reason === 'not_found') return { kind: 'record_not_found' }
  if (reason === 'declared') return { kind: 'forbidden', reason: message }
  return {
    kind: 'bad_request',
    reason: reason === 'too_many' ? JSON.stringify({ base: [message] }) : message,
  }
}
