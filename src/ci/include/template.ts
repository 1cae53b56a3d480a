import { err, ok } from '../../shared/result.ts'
import { outsideScope } from './scope.ts'
import { checkLocation, type TargetReader } from './target.ts'
import { emptyOrMissing, templateLocation } from './texts.ts'

/** `include:template`: a file of GitLab's own collection. */
export const readTemplate: TargetReader = (location, scope) => {
  const { text, shown, finding } = checkLocation(location, 'template', scope)
  const name = text.endsWith('.gitlab-ci.yml') ? undefined : templateLocation(shown)
  const wrong = [finding, name].filter((found) => found !== undefined)
  if (wrong.length > 0) return err(wrong)
  return ok({
    kind: 'template',
    location: shown,
    request: { kind: 'template', name: text },
    refused: () => emptyOrMissing(shown),
    empty: emptyOrMissing(shown),
    nested: () => outsideScope(scope),
  })
}
