import type { Result } from '../../shared/result.ts'
import { isString } from '../config/nodes.ts'
import type { Finding } from '../texts.ts'
import { type IncludeLocation, shown, textOf, valueOf } from './location.ts'
import type { FoundFile, IncludeRequest, RefusalReason } from './port.ts'
import { type IncludeScope, masked } from './scope.ts'
import { noExtension, notText, type Subkey } from './texts.ts'

/** A file that an include asks for, and what its kind says about it. */
export interface IncludeTarget {
  readonly kind: Subkey
  /** As messages and the API call it; masked values are crossed out. */
  readonly location: string
  readonly request: IncludeRequest
  /** GitLab's sentence for a refusal. */
  readonly refused: (reason: RefusalReason, sizes?: string) => Finding
  /** GitLab's sentence for a file without content. */
  readonly empty: Finding
  /** What the file's own includes see. */
  readonly nested: (found: FoundFile) => IncludeScope
}

/** Each kind of include has one of these. The error is all that is wrong, GitLab's first sentence first. */
export type TargetReader = (
  location: IncludeLocation,
  scope: IncludeScope,
) => Result<IncludeTarget, readonly Finding[]>

/** The text under the kind's own key, or why it cannot name a file. GitLab: `validate_location!`. */
export function checkLocation(
  location: IncludeLocation,
  key: string,
  scope: IncludeScope,
): { readonly text: string; readonly shown: string; readonly finding: Finding | undefined } {
  const node = valueOf(location, key)
  const text = textOf(location, key) ?? ''
  const display = masked(shown(node), scope)
  if (!isString(node)) return { text, shown: display, finding: notText(display) }
  const name = text.slice(text.lastIndexOf('/') + 1)
  return { text, shown: display, finding: /.\.ya?ml$/im.test(name) ? undefined : noExtension(display) }
}

/** GitLab: paths in a repository begin at its root, with or without a slash. */
export function withoutLeadingSlashes(path: string): string {
  return path.replace(/^\/+/, '')
}

/** What a file of the project at hand hands on; `localPath` for those of `include:local`. */
export function sameScope(
  scope: IncludeScope,
  localPath: string | null = null,
): (found: FoundFile) => IncludeScope {
  return (found) => ({ ...scope, at: found.at, localPath })
}
