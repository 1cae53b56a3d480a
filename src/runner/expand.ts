/**
 * Go's `os.Expand`, as gitlab-runner uses it: `$name` and `${name}` in one pass, nothing inside a value that was put in.
 * A `$` before anything that is no name stays; `${}` and an unclosed `${` are eaten.
 */
export function expand(text: string, lookUp: (name: string) => string): string {
  if (!text.includes('$')) return text
  let result = ''
  let copied = 0
  for (let at = 0; at + 1 < text.length; at++) {
    if (text[at] !== '$') continue
    result += text.slice(copied, at)
    const reference = readReference(text, at + 1)
    if (reference.name !== '') result += lookUp(reference.name)
    else if (reference.width === 0) result += '$'
    at += reference.width
    copied = at + 1
  }
  return result + text.slice(copied)
}

/** gitlab-runner: `$$` is a dollar, the shell's own parameters are nothing. */
export function runnerLookUp(values: ReadonlyMap<string, string>): (name: string) => string {
  return (name) => (name === '$' ? '$' : SHELL_PARAMETER.test(name) ? '' : (values.get(name) ?? ''))
}

const SHELL_PARAMETER = /^[*#@!?0-9]$/
const SPECIAL = /[*#$@!?\-0-9]/
const NAME = /[A-Za-z0-9_]*/y

function readReference(text: string, at: number): { name: string; width: number } {
  const first = text[at] ?? ''
  if (first === '{') return readBraces(text, at)
  if (SPECIAL.test(first)) return { name: first, width: 1 }
  NAME.lastIndex = at
  const name = NAME.exec(text)?.[0] ?? ''
  return { name, width: name.length }
}

function readBraces(text: string, at: number): { name: string; width: number } {
  const close = text.indexOf('}', at + 1)
  if (close === -1) return { name: '', width: 1 }
  return { name: text.slice(at + 1, close), width: close - at + 1 }
}
