import { err, ok } from '../../shared/result.ts'
import { isString } from '../config/nodes.ts'
import type { Finding } from '../texts.ts'
import { type IncludeLocation, textOf, valueOf } from './location.ts'
import { outsideScope } from './scope.ts'
import { checkLocation, type TargetReader } from './target.ts'
import {
  emptyOrMissing,
  integrityBase64,
  integrityHash,
  offline,
  remoteAddress,
  remoteIntegrity,
  remoteMissing,
} from './texts.ts'

const HASH = 'sha256-'

/** `include:remote`: a file at an address, with the hash it must have if one is given. */
export const readRemote: TargetReader = (location, scope) => {
  const { text, shown, finding } = checkLocation(location, 'remote', scope)
  const address = isAddress(text) ? undefined : remoteAddress(shown)
  const wrong = [finding, address, integrityProblem(location)].filter((found) => found !== undefined)
  if (wrong.length > 0) return err(wrong)
  return ok({
    kind: 'remote',
    location: shown,
    request: {
      kind: 'remote',
      url: text,
      integrity: textOf(location, 'integrity')?.slice(HASH.length) ?? null,
    },
    refused: (reason) => {
      if (reason === 'integrity') return remoteIntegrity(shown)
      return reason === 'missing' ? remoteMissing(shown) : offline(shown)
    },
    empty: emptyOrMissing(shown),
    nested: () => outsideScope(scope),
  })
}

/** GitLab: `UrlSanitizer.valid?`. */
function isAddress(text: string): boolean {
  return /^(?:https?|ssh|git):\/\/[^\s/?#]+/.test(text) && !/\s/.test(text) && URL.canParse(text)
}

function integrityProblem(location: IncludeLocation): Finding | undefined {
  const node = valueOf(location, 'integrity')
  if (node === undefined) return undefined
  if (!isString(node) || !node.value.startsWith(HASH)) return integrityHash
  const hash = node.value.slice(HASH.length)
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(hash)
    ? undefined
    : integrityBase64
}
