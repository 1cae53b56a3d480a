import { err, ok } from '../../shared/result.ts'
import { isSequence, isString } from '../config/nodes.ts'
import { type IncludeLocation, shown as display, textOf, valueOf } from './location.ts'
import { masked } from './scope.ts'
import { checkLocation, sameScope, type TargetReader, withoutLeadingSlashes } from './target.ts'
import { projectDenied, projectFileEmpty, projectFileMissing, projectRefMissing } from './texts.ts'

/** `include:project`: a file of another project, of its default branch when no `ref` is named. */
export const readProject: TargetReader = (location, scope) => {
  const { text, shown, finding } = checkLocation(location, 'file', scope)
  if (finding) return err([finding])
  const path = withoutLeadingSlashes(text)
  const shownPath = withoutLeadingSlashes(shown)
  const project = projectName(location).toLowerCase()
  const shownProject = masked(project, scope)
  const ref = textOf(location, 'ref') ?? (valueOf(location, 'ref') ? display(valueOf(location, 'ref')) : null)
  return ok({
    kind: 'project',
    location: shownPath,
    request: { kind: 'project', project, ref: ref === '' ? null : ref, path, anonymous: scope.anonymous },
    refused: (reason) => {
      if (reason === 'no_access' || reason === 'offline') return projectDenied(shownProject)
      if (reason === 'no_ref') return projectRefMissing(shownProject, masked(ref ?? 'HEAD', scope))
      return projectFileMissing(shownProject, shownPath)
    },
    empty: projectFileEmpty(shownProject, shownPath),
    nested: sameScope(scope),
  })
}

/** GitLab still takes a list, and its first item. */
function projectName(location: IncludeLocation): string {
  const node = valueOf(location, 'project')
  const first = isSequence(node) ? node.items[0] : node
  return isString(first) ? first.value : display(first)
}
