import type { Checkout } from '../model/command.ts'
import { ZERO_SHA } from '../model/pipeline.ts'
import type { GitRepository } from '../platform/git.ts'
import { closest } from '../shared/closest.ts'
import { err, ok, type Result } from '../shared/result.ts'

/** What will be checked out, and what the rules take it for. */
export interface Target {
  readonly ref: string
  readonly tag: boolean
  readonly tagMessage: string | null
  readonly sha: string
  readonly snapshotSha: string | null
  readonly beforeSha: string
}

/** Finds the commit behind a caller's ref. GitLab: only branches and tags; the same name for both is refused. */
export async function resolveCheckout(
  repository: GitRepository,
  checkout: Checkout,
): Promise<
  Result<
    Target,
    {
      readonly reason: 'reference_not_found' | 'reference_ambiguous'
      readonly message: string
      readonly detail: string
    }
  >
> {
  if (checkout.kind === 'commit') {
    const tagged = checkout.tag ? await repository.resolveRef(`refs/tags/${checkout.ref}`) : undefined
    return ok({ ...checkout, tagMessage: typeof tagged === 'object' ? tagged.tagMessage : null })
  }
  const found = await repository.resolveRef(checkout.ref)
  if (found === 'ambiguous') {
    return err({
      reason: 'reference_ambiguous',
      message: 'Ref is ambiguous',
      detail: `"${checkout.ref}" is a branch and a tag; write refs/heads/… or refs/tags/…`,
    })
  }
  if (found === 'not_found') {
    return err({
      reason: 'reference_not_found',
      message: 'Reference not found',
      detail: await describeMissing(repository, checkout.ref),
    })
  }
  return ok({
    ref: found.name,
    tag: found.tag,
    tagMessage: found.tagMessage,
    sha: found.sha,
    snapshotSha: null,
    beforeSha: ZERO_SHA,
  })
}

async function describeMissing(repository: GitRepository, ref: string): Promise<string> {
  if (/^[0-9a-f]{7,64}$/.test(ref))
    return `no branch or tag "${ref}"; a commit cannot be triggered, only a branch or a tag`
  const near = closest(
    ref,
    (await repository.refs()).map((known) => known.name),
  )
  return `no branch or tag "${ref}"${near ? `; "${near}" is close` : ''}`
}
