// PROVISIONAL: stands in until the real module (same signatures) replaces this whole file.
import type { Variable } from '../../model/variable.ts'
import { ok, type Result } from '../../shared/result.ts'

type Lookup = (name: string) => string | undefined
const REFERENCE = /\$(?<a>[A-Za-z_]\w*)|\$\{(?<b>[A-Za-z_]\w*)\}|%(?<c>[A-Za-z_]\w*)%/g

export function expandAll(text: string, lookup: Lookup): string {
  return text.replace(REFERENCE, (_, a?: string, b?: string, c?: string) => lookup(a ?? b ?? c ?? '') ?? '')
}

export function expandExisting(text: string, lookup: Lookup): string {
  return text.replace(
    REFERENCE,
    (whole: string, a?: string, b?: string, c?: string) => lookup(a ?? b ?? c ?? '') ?? whole,
  )
}

export function sortAndExpand(variables: readonly Variable[]): Result<readonly Variable[], string> {
  return ok(variables)
}

export function expandForRunner(text: string, lookup: Lookup): string {
  return expandAll(text, lookup)
}
