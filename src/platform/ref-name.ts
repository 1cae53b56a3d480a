/**
 * Whether `name` (full: `refs/heads/main`) is one that git itself accepts: the rules of git-check-ref-format(1), for names with
 * at least two components.
 */
export function isFullRefName(name: string): boolean {
  const components = name.split('/')
  return (
    components.length > 1 &&
    components.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) &&
    !hasForbiddenCharacter(name) &&
    !name.includes('..') &&
    !name.includes('@{') &&
    !name.endsWith('.')
  )
}

/**
 * Whether `name` can be the short name of a branch or tag here. Stricter than git by one rule: `refs/heads/-x` can exist, but
 * what begins with a dash would be an option to whatever program receives it.
 */
export function isShortRefName(name: string): boolean {
  return !name.startsWith('-') && isFullRefName(`refs/heads/${name}`)
}

/** Whether the text holds a character below U+0020 or U+007F. */
export function hasControlCharacter(text: string): boolean {
  return some(text, (code) => code < 0x20 || code === 0x7f)
}

const special = new Set(Array.from(' ~^:?*[\\', (character) => character.charCodeAt(0)))

function hasForbiddenCharacter(name: string): boolean {
  return hasControlCharacter(name) || some(name, (code) => special.has(code))
}

function some(text: string, matches: (code: number) => boolean): boolean {
  for (let at = 0; at < text.length; at++) if (matches(text.charCodeAt(at))) return true
  return false
}
