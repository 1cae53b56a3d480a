import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The cases that fixtures/unsupported.txt names, with their reasons; a line that is neither of both is an error. */
export function parseUnsupported(text: string): ReadonlyMap<string, string> {
  const cases = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const found = /^([\w.-]+): (\S.*)$/.exec(line)
    const [, name = '', reason = ''] = found ?? []
    if (found === null) throw new Error(`not "case: reason": ${line}`)
    if (cases.has(name)) throw new Error(`twice: ${name}`)
    cases.set(name, reason)
  }
  return cases
}

export function unsupportedCases(): ReadonlyMap<string, string> {
  return parseUnsupported(readFileSync(join(import.meta.dirname, '../../fixtures/unsupported.txt'), 'utf8'))
}
