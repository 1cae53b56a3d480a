import { err, ok } from '../../shared/result.ts'
import { checkLocation, sameScope, type TargetReader, withoutLeadingSlashes } from './target.ts'
import { localEmpty, localMissing, localWithoutProject } from './texts.ts'

/** `include:local`: a file of the same project at the same commit as the file that includes it. */
export const readLocal: TargetReader = (location, scope) => {
  const { text, shown, finding } = checkLocation(location, 'local', scope)
  const path = withoutLeadingSlashes(shown)
  if (finding) return err([finding])
  if (scope.at === null) return err([localWithoutProject(path)])
  return ok({
    kind: 'local',
    location: path,
    request: { kind: 'local', at: scope.at, path: withoutLeadingSlashes(text) },
    refused: () => localMissing(path),
    empty: localEmpty(path),
    nested: sameScope(scope, withoutLeadingSlashes(text)),
  })
}
