const FIELDS = ['minute', 'hour', 'day of month', 'month', 'day of week']

/** Why a cron expression cannot be one; undefined when it has the shape. What its fields mean is checked where schedules are computed. */
export function cronProblem(text: string): string | undefined {
  const words = text.trim().split(/\s+/)
  if (words.length === 1 && /^@[a-z]+$/.test(text.trim())) return undefined
  if (words.length !== FIELDS.length)
    return `it has ${words.length} ${words.length === 1 ? 'field' : 'fields'} instead of 5 (${FIELDS.join(', ')})`
  const wrong = words.findIndex((word) => !/^[0-9A-Za-z*/,#%+-]+$/.test(word))
  return wrong === -1 ? undefined : `"${words[wrong]}" is no ${FIELDS[wrong]}`
}

/** Why a time zone cannot be one. GitLab also takes Rails' names (`Berlin`), which have no slash. */
export function timezoneProblem(name: string): string | undefined {
  if (!name.includes('/')) return undefined
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return undefined
  } catch {
    return 'there is no such time zone'
  }
}
