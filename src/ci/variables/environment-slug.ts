import { createHash } from 'node:crypto'

const LONGEST = 24
/** What of a changed name stays before its suffix. */
const KEPT = 17

/**
 * GitLab's slug of an environment's name (`Gitlab::Slug::Environment`): at most 24 characters out of [a-z0-9-], a letter first, no
 * dash last. A name that had to be changed gets six characters of its hash, so that two names seldom share a slug.
 */
export function environmentSlug(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/gu, '-')
  const slug = (/^[a-z]/.test(plain) ? plain : `env-${plain}`).replaceAll(/-+/g, '-')
  if (slug.length <= LONGEST && slug === name) return slug.replace(/-$/, '')
  const start = slug.slice(0, KEPT)
  return `${start}${start.endsWith('-') ? '' : '-'}${suffixOf(name)}`
}

/** The last six digits of the name's SHA-256 in base 36. */
function suffixOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex')
  return BigInt(`0x${hash}`).toString(36).slice(-6)
}
