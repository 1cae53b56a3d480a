import type { Trigger, TriggerLimits } from '../../../model/trigger.ts'
import { NO_TRIGGER_LIMITS } from '../../../model/trigger.ts'
import type { User } from '../../../model/user.ts'
import { isoTime } from '../../times.ts'
import { userBasic } from './user.ts'

/** What an entity says beyond its row. */
export interface TriggerFacts {
  readonly externalUrl: string
  readonly owner: User | null
  /** GitLab: the token itself for its owner; null: the first four characters. */
  readonly token: string | null
}

export function triggerEntity(trigger: Trigger, { externalUrl, owner, token }: TriggerFacts) {
  return {
    id: trigger.id,
    token: token ?? trigger.shortToken,
    description: trigger.description,
    created_at: isoTime(trigger.createdAt),
    updated_at: isoTime(trigger.updatedAt),
    last_used: isoTime(trigger.lastUsedAt),
    expires_at: isoTime(trigger.expiresAt),
    owner: owner === null ? null : userBasic(owner, externalUrl),
    ...(trigger.declaredAt === null ? {} : { declared_at: trigger.declaredAt }),
    ...(isNarrowed(trigger) ? limitsEntity(trigger, token !== null) : {}),
  }
}

/** GitLab's answer stays as it is for a trigger that has none of this. */
function isNarrowed({ limits, signed }: Trigger): boolean {
  return signed || JSON.stringify(limits) !== JSON.stringify(NO_TRIGGER_LIMITS)
}

function limitsEntity({ limits, signed }: Trigger, full: boolean) {
  return {
    allowed_refs: limits.allowedRefs,
    allowed_variables: allowedEntity(limits),
    fixed_variables: Object.fromEntries(
      limits.fixedVariables.map(({ key, value }) => [key, full ? value : '[MASKED]']),
    ),
    allowed_networks: limits.allowedNetworks,
    rate_limit: limits.rateLimit,
    signed,
  }
}

function allowedEntity({ allowedVariables }: TriggerLimits) {
  return allowedVariables && Object.fromEntries(allowedVariables.map(({ key, values }) => [key, values]))
}
