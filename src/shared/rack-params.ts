// PROVISIONAL: stands in until the real module (same signatures) replaces this whole file.
import { err, ok, type Result } from './result.ts'

export interface FilePart {
  readonly filename: string
}
export type ParamValue = string | Params | ParamValue[] | FilePart
export type Params = Map<string, ParamValue>

export function parseRackQuery(text: string): Result<Params, string> {
  const params: Params = new Map()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const decode = (part: string): string => decodeURIComponent(part.replaceAll('+', ' '))
    try {
      const assigned = assignRackParam(params, decode(at === -1 ? pair : pair.slice(0, at)), at === -1 ? '' : decode(pair.slice(at + 1)))
      if (!assigned.ok) return assigned
    } catch {
      return err('invalid %-encoding')
    }
  }
  return ok(params)
}

export function assignRackParam(params: Params, name: string, value: ParamValue): Result<void, string> {
  const [, head = name, tail = ''] = /^\[?([^[\]]+)\]?(.*)$/s.exec(name) ?? []
  if (tail === '') params.set(head, value)
  else if (tail === '[]') {
    const list = params.get(head)
    if (Array.isArray(list)) list.push(value)
    else params.set(head, [value])
  } else {
    let inner = params.get(head)
    if (!(inner instanceof Map)) params.set(head, (inner = new Map()))
    return assignRackParam(inner, tail, value)
  }
  return ok(undefined)
}
