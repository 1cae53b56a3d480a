/** What the masker looks for. */
export interface Needles {
  /** Byte strings that become `[MASKED]`. */
  readonly secrets: readonly Buffer[]
  /** Beginnings of tokens: they stay, the token characters that follow become `[MASKED]`. */
  readonly prefixes: readonly Buffer[]
  /** Beginnings of URL parameters, in small letters but found in any: they stay, the value becomes `[MASKED]`. */
  readonly parameters: readonly Buffer[]
}

/** gitlab-runner >= 17.9. */
const TOKEN_PREFIXES = [
  'glpat-', 'glrt-', 'glcbt-', 'gldt-', 'glrtr-', 'glptt-', 'glft-', 'glimt-', 'glagent-', 'glsoat-', 'glffct-', 'gloas-', 'gltok-', '_gitlab_session=',
] // prettier-ignore

/** gitlab-runner's list of parameters that carry credentials. */
const SECRET_PARAMETERS = [
  'private_token',
  'authenticity_token',
  'rss_token',
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
]

const SHORTEST_LINE = 8

/** `base64` breaks its output at the first, `openssl base64` at the second. */
const BASE64_LINES = [76, 64]

/**
 * The byte strings that would give a masked value away: itself without white space at its ends, its base64 and URL-encoded
 * forms, as a shell's xtrace writes it, and each line of 8 characters or more when it has several. Empty values are left out:
 * gitlab-runner 14 and 15 crashed on them, and they would mask everything.
 */
export function needlesOf(maskedValues: readonly string[]): Needles {
  const forms = new Set<string>()
  for (const masked of maskedValues) {
    const value = masked.trim()
    if (value === '') continue
    forms.add(value)
    for (const form of encodedForms(value)) forms.add(form)
    for (const form of shellForms(value)) forms.add(form)
    for (const line of linesOf(value)) forms.add(line)
  }
  return {
    secrets: [...forms].map((form) => Buffer.from(form)),
    prefixes: TOKEN_PREFIXES.map((prefix) => Buffer.from(prefix)),
    parameters: SECRET_PARAMETERS.flatMap((name) => [Buffer.from(`?${name}=`), Buffer.from(`&${name}=`)]),
  }
}

function encodedForms(value: string): string[] {
  const base64 = Buffer.from(value).toString('base64')
  const plain = [base64, base64.replace(/=+$/, ''), ...[0, 1, 2].map((before) => base64Inside(value, before))]
  const urlSafe = plain.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))
  const wrapped = BASE64_LINES.flatMap((length) =>
    base64.length > length ? linesOf(base64.replaceAll(new RegExp(`.{${length}}`, 'g'), '$&\n')) : [],
  )
  const long = [...plain, ...urlSafe, ...wrapped].filter((form) => form.length >= SHORTEST_LINE)
  return [...long, ...urlForms(value).filter((form) => form !== value && form.length >= SHORTEST_LINE)]
}

/** The characters that are certain when the value stands inside a longer text, such as `user:value`, that is then encoded. */
function base64Inside(value: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)])
  const whole = Buffer.from(bytes).toString('base64').replace(/=+$/, '')
  const first = Math.ceil((before * 8) / 6)
  return whole.slice(first, Math.floor((bytes.length * 8) / 6))
}

/** As browsers, curl and HTML forms write it, with large and small hexadecimal digits. */
function urlForms(value: string): string[] {
  let escaped: string
  try {
    escaped = encodeURIComponent(value)
  } catch {
    return [] // half a surrogate pair has no URL form
  }
  const strict = escaped.replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  // Python's `quote` and most path encoders leave the slash.
  const forms = [escaped, strict, strict.replaceAll('%20', '+'), strict.replaceAll('%2F', '/')]
  return forms.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())])
}

/** What stands between the quotes that xtrace and `printf %q` write around a value, or with a backslash before each character. */
function shellForms(value: string): string[] {
  const quoted = value.replaceAll("'", `'\\''`)
  const escaped = value.replaceAll(/[^\p{L}\p{N}_@%+=:,./-]/gu, '\\$&')
  return [quoted, escaped].filter((form) => form !== value && form.length >= SHORTEST_LINE)
}

function linesOf(value: string): string[] {
  if (!value.includes('\n')) return []
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= SHORTEST_LINE)
}
