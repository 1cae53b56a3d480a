const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const TIME = String.raw`(?<hour>\d{2}):?(?<minute>\d{2})(?::?(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?`
// An unescaped plus in a query arrives as a space; Ruby takes no notice of what follows it.
const ZONE = String.raw`\s*(?<zone>z|utc|gmt|[+-]\d{2}(?::?\d{2})?| \d{2}:?\d{2})?`

const ISO_8601 = new RegExp(
  String.raw`^\s*(?<year>\d{4})(?:(?<dash>[-/])(?<month>\d{1,2})\k<dash>(?<day>\d{1,2})|(?<compact>\d{4}))(?:(?:t|\s+)${TIME}${ZONE})?\s*$`,
  'i',
)
const RFC_2822 = new RegExp(
  String.raw`^\s*(?:[a-z]{3},\s+)?(?<day>\d{1,2})\s+(?<name>[a-z]{3})\s+(?<year>\d{4})(?:\s+${TIME}${ZONE})?\s*$`,
  'i',
)

/**
 * Milliseconds since the epoch of a date, or a date and a time, as Ruby's `DateTime.parse` reads it: ISO 8601 with or without its
 * separators, or RFC 2822; UTC where no zone is named. Undefined for what is no date, such as the 30th of February.
 */
export function parseDateTime(text: string): number | undefined {
  const groups = (ISO_8601.exec(text) ?? RFC_2822.exec(text))?.groups
  if (!groups) return undefined
  const number = (name: string): number => Number(groups[name] ?? 0)
  const [month, day] = dayOf(groups)
  const [hour, minute, second] = [number('hour'), number('minute'), Math.min(59, number('second'))]
  if (number('second') > 60 || minute > 59 || hour * 3600 + minute * 60 + second > 24 * 3600) return undefined
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(number('year'), month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const ms = Math.floor(Number(`0.${groups['fraction'] ?? 0}`) * 1000)
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + ms - offsetOf(groups['zone'] ?? '')
}

/** Month and day, from 1. */
function dayOf(groups: Readonly<Record<string, string | undefined>>): readonly [number, number] {
  const { compact, name, month, day } = groups
  if (compact !== undefined) return [Number(compact.slice(0, 2)), Number(compact.slice(2))]
  return [name === undefined ? Number(month) : MONTHS.indexOf(name.toLowerCase()) + 1, Number(day)]
}

function offsetOf(zone: string): number {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
