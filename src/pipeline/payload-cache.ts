import type { CachePlan } from '../model/keyword-plans.ts'
import type { PayloadCache } from '../model/payload.ts'

/**
 * `cache:` in the words of the Runner API. GitLab (`Ci::Build#cache`) keeps protected refs and others apart by a suffix of the
 * keys; `unprotect` joins the others.
 */
export function payloadCache(caches: readonly CachePlan[], refProtected: boolean): PayloadCache[] {
  return caches.map((cache, index) => {
    const suffix = refProtected && !cache.unprotect ? 'protected' : 'non_protected'
    return {
      key: `${keyText(cache, index)}-${suffix}`,
      untracked: cache.untracked,
      policy: cache.policy,
      paths: cache.paths,
      when: cache.when,
      fallback_keys: cache.fallbackKeys.map((key) => `${key}-${suffix}`),
    }
  })
}

/** Pipelines of earlier versions have keys that were not made into texts. */
function keyText({ key }: CachePlan, index: number): string {
  return key.kind === 'text' ? key.text : `${key.prefix ?? index}-default`
}
