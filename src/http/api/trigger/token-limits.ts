import type { Trigger } from '../../../model/trigger.ts'
import { inNetwork, parseNetwork } from '../../../shared/network.ts'
import { matchesWildcard } from '../../../shared/wildcard.ts'
import type { Refused } from './refused.ts'
import type { TriggerCall } from './trigger-call.ts'

/** A token that is used from elsewhere is answered like an unknown one, as GitLab does for addresses that a group shuts out. */
export function checkNetwork({ limits, description }: Trigger, address: string): Refused | undefined {
  if (limits.allowedNetworks === null) return undefined
  const inside = limits.allowedNetworks.some((text) => {
    const network = parseNetwork(text)
    return network !== undefined && inNetwork(network, address)
  })
  if (inside) return undefined
  const reason = `${address} is not in the allowed_networks of trigger "${description}"`
  return { problem: { kind: 'not_found', what: null }, reason }
}

/** Which ref and which variables the token may ask for. */
export function checkCall({ limits, description }: Trigger, call: TriggerCall): Refused | undefined {
  const ref = call.ref.replace(/^refs\/(heads|tags)\//, '')
  if (limits.allowedRefs !== null && !limits.allowedRefs.some((pattern) => matchesWildcard(pattern, ref))) {
    // GitLab's words for whoever may not run a pipeline there.
    const text = `You do not have sufficient permission to run a pipeline on '${ref}'. Please select a different branch or contact your administrator for assistance.`
    return refuse(text, `"${ref}" is not in the allowed_refs of trigger "${description}"`)
  }
  for (const [key, value] of call.variables) {
    const refused = checkVariable({ limits, description }, key, value)
    if (refused) return refused
  }
  return undefined
}

function checkVariable(
  { limits, description }: Pick<Trigger, 'limits' | 'description'>,
  key: string,
  value: string,
): Refused | undefined {
  const fixed = limits.fixedVariables.find((each) => each.key === key)
  if (fixed) {
    if (fixed.value === value) return undefined
    return refuse(
      `Variable "${key}" is fixed for this trigger`,
      `"${key}" is in fixed_variables of trigger "${description}"`,
    )
  }
  if (limits.allowedVariables === null) return undefined
  const allowed = limits.allowedVariables.filter((each) => matchesWildcard(each.key, key))
  if (allowed.length === 0) {
    return refuse(
      `Variable "${key}" is not allowed for this trigger`,
      `"${key}" is not in the allowed_variables of trigger "${description}"`,
    )
  }
  if (allowed.some(({ values }) => values.some((pattern) => matchesWildcard(pattern, value))))
    return undefined
  return refuse(
    `The value of variable "${key}" is not allowed for this trigger`,
    `the value of "${key}" is not in the allowed_variables of trigger "${description}"`,
  )
}

/** The caller's variables, and those that the trigger gives to every run. */
export function withFixed(
  trigger: Trigger | null,
  sent: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const fixed = trigger?.limits.fixedVariables.map(({ key, value }) => [key, value] as const) ?? []
  return new Map([...sent, ...fixed])
}

function refuse(text: string, reason: string): Refused {
  return { problem: { kind: 'invalid_record', errors: { base: [text] } }, reason }
}
