import { NO_TRIGGER_LIMITS, type TriggerLimits } from '../model/trigger.ts'
import { parseNetwork } from '../shared/network.ts'
import { complain, type Report } from './report.ts'
import {
  optional,
  readItems,
  readMapping,
  readText,
  readWholeNumber,
  wrongType,
  type Fields,
  type Place,
} from './shape.ts'

/** The keys of a trigger that narrow its token. */
export function readTriggerLimits(report: Report, fields: Fields<string>): TriggerLimits {
  const none = NO_TRIGGER_LIMITS
  return {
    allowedRefs: optional(report, fields['allowed_refs'], none.allowedRefs, readTexts),
    allowedVariables: optional(report, fields['allowed_variables'], none.allowedVariables, readAllowed),
    fixedVariables: optional(report, fields['fixed_variables'], none.fixedVariables, readFixed),
    allowedNetworks: optional(report, fields['allowed_networks'], none.allowedNetworks, readNetworks),
    rateLimit: optional(report, fields['rate_limit'], none.rateLimit, (_, place) =>
      readWholeNumber(report, place, 1),
    ),
  }
}

/** Milliseconds since the epoch of an ISO 8601 date, with or without a time. */
export function readInstant(report: Report, place: Place): number | undefined {
  const text = place.node.kind === 'scalar' ? place.node.text : ''
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(ms) ? wrongType(report, place, 'a date such as 2027-01-31 or 2027-01-31T12:00:00Z') : ms
}

function readTexts(report: Report, place: Place): readonly string[] {
  return readItems(report, place).flatMap((item) => readText(report, item) ?? [])
}

/** A list of keys, or keys with the values that each may have. */
function readAllowed(report: Report, place: Place): TriggerLimits['allowedVariables'] {
  if (place.node.kind !== 'mapping') return readTexts(report, place).map((key) => ({ key, values: ['*'] }))
  return [...place.node.entries.values()].map(({ key, value }) => {
    const at = { node: value, path: `${place.path}.${key.text}` }
    const one = value.kind === 'scalar' ? readText(report, at) : undefined
    return {
      key: key.text,
      values: value.kind === 'scalar' ? (one === undefined ? [] : [one]) : readTexts(report, at),
    }
  })
}

function readFixed(report: Report, place: Place): TriggerLimits['fixedVariables'] | undefined {
  const mapping = readMapping(report, place)
  return (
    mapping &&
    [...mapping.entries.values()].flatMap(({ key, value }) => {
      const text = readText(report, { node: value, path: `${place.path}.${key.text}` })
      return text === undefined ? [] : [{ key: key.text, value: text }]
    })
  )
}

function readNetworks(report: Report, place: Place): readonly string[] {
  return readItems(report, place).flatMap((item) => {
    const text = readText(report, item)
    if (text === undefined || parseNetwork(text)) return text ?? []
    complain(report, item.node.span, {
      code: 'invalid_network',
      message: `${item.path} "${text}" is no address and no range`,
      help: 'an address or a range such as 10.0.0.0/8 or fd00::/8',
    })
    return []
  })
}
