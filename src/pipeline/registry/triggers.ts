import type { TriggerLimits } from '../../model/trigger.ts'
import { randomToken } from '../../platform/random.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { TriggerChange } from '../../store/triggers.ts'
import type { EngineContext } from '../context.ts'
import { declared, type RegistryRefusal } from './refusal.ts'

/** GitLab `pipeline_triggers`: tokens of one project. */
const MOST_TRIGGERS = 25_000
const TOKEN_BYTES = 32

/** Trigger tokens. Every change survives a power cut once it is answered. */
export interface Triggers {
  /** The token can be read again by the trigger's owner. */
  create(trigger: {
    readonly projectId: number
    readonly ownerId: number | null
    readonly description: string
    readonly expiresAt?: number | null
    readonly limits?: TriggerLimits
    readonly secret?: string | null
  }): Result<{ readonly id: number; readonly token: string }, RegistryRefusal>
  /** A declared trigger is changed where it is declared, and nowhere else. */
  change(id: number, change: TriggerChange): Result<true, RegistryRefusal>
  /** Final; a declared one stays revoked whatever the configuration says. False when it was revoked, or never was. */
  revoke(id: number): boolean
  /** Makes the user its owner; a declared one stays with him whatever the configuration says. */
  takeOwnership(id: number, userId: number): Result<true, RegistryRefusal>
}

export function makeTriggers({ store, clock }: Pick<EngineContext, 'store' | 'clock'>): Triggers {
  const standing = (id: number) => {
    const trigger = store.triggers.find(id)
    return trigger?.revokedAt === null && trigger.withdrawnAt === null ? trigger : undefined
  }
  const gone = (id: number): RegistryRefusal => ({
    reason: 'not_found',
    message: `there is no trigger ${id}`,
  })

  return {
    create: (trigger) =>
      store.write('full', () => {
        const { total } = store.triggers.page(trigger.projectId, { limit: 1, offset: 0 })
        if (total >= MOST_TRIGGERS) {
          const message = `Maximum number of pipeline triggers (${MOST_TRIGGERS}) exceeded`
          return err({ reason: 'too_many', message })
        }
        const token = randomToken('glptt-', TOKEN_BYTES)
        return ok({ id: store.triggers.add({ ...trigger, token }, clock.now()), token })
      }),
    change: (id, change) =>
      store.write('full', () => {
        const trigger = standing(id)
        if (!trigger) return err(gone(id))
        if (trigger.declaredAt !== null) return err(declared(`trigger ${id}`, trigger.declaredAt))
        store.triggers.change(id, change, clock.now())
        return ok(true)
      }),
    revoke: (id) =>
      store.write('full', () => standing(id) !== undefined && store.triggers.revoke(id, clock.now())),
    takeOwnership: (id, userId) =>
      store.write('full', () => {
        if (!standing(id)) return err(gone(id))
        store.triggers.takeOver(id, userId, clock.now())
        return ok(true)
      }),
  }
}
