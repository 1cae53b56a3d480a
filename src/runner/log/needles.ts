/** What the masker looks for. */
export interface Needles {
  /** Byte strings that become `[MASKED]`. */
  readonly secrets: readonly Buffer[]
  /** Beginnings of tokens: they stay, the token characters that follow become `[MASKED]`. */
  readonly prefixes: readonly Buffer[]
}

/** gitlab-runner >= 17.9. */
const TOKEN_PREFIXES = [
  'glpat-', 'glrt-', 'glcbt-', 'gldt-', 'glrtr-', 'glptt-', 'glft-', 'glimt-', 'glagent-', 'glsoat-', 'glffct-', 'gloas-', 'gltok-', '_gitlab_session=',
] // prettier-ignore

const SHORTEST_LINE = 8

/**
 * The byte strings that would give a masked value away: itself without white space at its ends, its base64 and URL-encoded
 * forms, and each line of 8 characters or more when it has several. Empty values are left out: gitlab-runner 14 and 15 crashed
 * on them, and they would mask everything.
 */
export function needlesOf(maskedValues: readonly string[]): Needles {
  const forms = new Set<string>()
  for (const masked of maskedValues) {
    const value = masked.trim()
    if (value === '') continue
    forms.add(value)
    for (const form of encodedForms(value)) forms.add(form)
    for (const line of linesOf(value)) forms.add(line)
  }
  return {
    secrets: [...forms].map((form) => Buffer.from(form)),
    prefixes: TOKEN_PREFIXES.map((prefix) => Buffer.from(prefix)),
  }
}

function encodedForms(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64')
  const forms = [base64, base64.replace(/=+$/, ''), ...[0, 1, 2].map((before) => base64Inside(value, before))]
  const escaped = encodeSafely(value)
  if (escaped !== value) forms.push(escaped)
  return forms.filter((form) => form.length >= SHORTEST_LINE)
}

/** The characters that are certain when the value stands inside a longer text, such as `user:value`, that is then encoded. */
function base64Inside(value: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)])
  const whole = Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  const first = Math.ceil((before * 8) / 6)
  return whole.slice(first, Math.floor((bytes.length * 8) / 6))
}

function encodeSafely(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    return value // half a surrogate pair has no URL form
  }
}

function linesOf(value: string): string[] {
  if (!value.includes('\n')) return []
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE)
}
