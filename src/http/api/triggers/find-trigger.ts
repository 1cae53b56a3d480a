import type { RequestHandler } from 'express'
import type { Trigger } from '../../../model/trigger.ts'
import { err } from '../../../shared/result.ts'
import type { HttpOptions } from '../../options.ts'
import { mayMaintain } from '../../permissions.ts'
import { triggerEntity } from '../entities/trigger.ts'
import type { ParamReader } from '../param-reader.ts'
import { projectRoute, type Answer, type ProjectVisit } from '../route.ts'

/** A trigger as this user may see it: the token is its owner's alone. */
export function presentTrigger(options: HttpOptions, trigger: Trigger, viewerId: number) {
  const { store } = options
  const isOwner = trigger.ownerId === viewerId
  return triggerEntity(trigger, {
    externalUrl: options.externalUrl(),
    owner: trigger.ownerId === null ? null : (store.users.find(trigger.ownerId) ?? null),
    token: isOwner ? (store.triggers.tokenOf(trigger.id) ?? null) : null,
  })
}

/** A route for maintainers, below a trigger that is not revoked. */
export function triggerRoute<T>(
  options: HttpOptions,
  read: (params: ParamReader) => T,
  answer: (visit: ProjectVisit<T & { triggerId: number }>, trigger: Trigger) => Answer,
): RequestHandler {
  return projectRoute(
    options,
    (params) => ({ triggerId: params.requiredInteger('trigger_id'), ...read(params) }),
    (visit) => {
      if (!mayMaintain(options.store, visit.user.id, visit.project.id))
        return err({ kind: 'forbidden', reason: null })
      const trigger = options.store.triggers.find(visit.params.triggerId)
      const isThere =
        trigger?.projectId === visit.project.id && trigger.revokedAt === null && trigger.withdrawnAt === null
      return isThere ? answer(visit, trigger) : err({ kind: 'record_not_found' })
    },
  )
}
