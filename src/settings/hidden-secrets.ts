import type { Sources } from '../shared/diagnostic.ts'

/** A key whose value may be secret, up to its value: a quoted text, or what stands to the end of it. */
const SECRET =
  /((?:^|[\s{,[])["']?(?:token|webhook_secret|value)["']?[ \t]*:[ \t]*)("(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s"'{}[\],#|>&*!][^,}\n#]*)/gm
/** GitLab's tokens are known by their prefix, wherever they stand. */
const TOKEN = /\bgl[a-z]{1,6}-[\w-]{4,}/g
/** What names a secret and holds none. */
const REFERENCE = /^["']?(?:\$\{|file:)/

/**
 * The texts for code frames, which end in logs and tickets: each secret is as many stars, so that every column stays where it was.
 */
export function withoutSecrets(sources: Sources): Sources {
  return new Map([...sources].map(([file, text]) => [file, hide(text)]))
}

function hide(text: string): string {
  return text
    .replaceAll(SECRET, (whole, key: string, value: string) =>
      REFERENCE.test(value) ? whole : `${key}${stars(value)}`,
    )
    .replaceAll(TOKEN, stars)
}

function stars(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? ''
  return quote === '' ? '*'.repeat(value.length) : `${quote}${'*'.repeat(value.length - 2)}${quote}`
}
