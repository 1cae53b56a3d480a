import type { Variable } from '../../model/variable.ts'

/** How a page shows a variable's value. What is hidden is not in the page at all. */
export type ShownValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'hidden'; readonly why: string }

const SECRET_NAME =
  /(?:^|[_-])(?:TOKEN|PASS(?:WORD|WD|PHRASE)?|SECRET|CREDENTIALS?|AUTH|(?:API|ACCESS|PRIVATE|SECRET|SSH)_?KEY)(?:$|[_-])/i
const SECRET_VALUE =
  /(?:\bgl[a-z]{1,6}t-|\bGR1348941|\bgh[pousr]_|\bgithub_pat_|\bxox[abp]-|\bAKIA[0-9A-Z]{12}|\beyJ[\w-]{8,}\.[\w-]+\.|-----BEGIN [A-Z ]*PRIVATE KEY)/
/** Shorter secrets would blank out half of a text that holds them by chance. */
const SHORTEST_SECRET = 4

/** The values of a pipeline's variables, in their order. A payload holds the other variables' values again: hidden ones are hidden there too. */
export function shownValues(variables: readonly Variable[]): ShownValue[] {
  const hidden = variables.filter(
    (variable) => whyHidden(variable) !== null && variable.value.length >= SHORTEST_SECRET,
  )
  return variables.map((variable) => {
    const why = whyHidden(variable)
    if (why !== null) return { kind: 'hidden', why }
    if (!variable.file) return { kind: 'text', text: variable.value }
    return {
      kind: 'file',
      text: withoutSecrets(variable.value, hidden),
      bytes: Buffer.byteLength(variable.value),
    }
  })
}

function whyHidden({ key, value, file, masked }: Variable): string | null {
  if (masked) return 'masked'
  if (SECRET_NAME.test(key) && value !== '') return 'its name is that of a secret'
  return !file && SECRET_VALUE.test(value) ? 'it looks like a token' : null
}

function withoutSecrets(text: string, hidden: readonly Variable[]): string {
  const readable = hidden.reduce(
    (shown, secret) => shown.replaceAll(secret.value, '[hidden]'),
    redactedJson(text) ?? text,
  )
  return SECRET_VALUE.test(readable)
    ? readable.replace(/[^\s"']+/g, (word) => (SECRET_VALUE.test(word) ? '[hidden]' : word))
    : readable
}

/** JSON laid out for reading, without the values of members that are named like secrets; undefined for other texts. */
function redactedJson(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(
      value,
      (key, member: unknown) => (isNamedSecret(key, member) ? '[hidden]' : member),
      2,
    )
  } catch {
    return undefined
  }
}

function isNamedSecret(key: string, member: unknown): boolean {
  return SECRET_NAME.test(key) && typeof member === 'string' && member !== ''
}
