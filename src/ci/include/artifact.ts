import { err, ok } from '../../shared/result.ts'
import { shown as display, textOf, valueOf } from './location.ts'
import { masked } from './scope.ts'
import { checkLocation, sameScope, type TargetReader } from './target.ts'
import {
  artifactEmpty,
  artifactIsFolder,
  artifactJobMissing,
  artifactMissing,
  artifactOutside,
  artifactTooLarge,
  artifactWithoutJob,
} from './texts.ts'

/** `include:artifact`: a file that a job of the parent pipeline made; only a child pipeline has one. */
export const readArtifact: TargetReader = (location, scope) => {
  const { text, shown, finding } = checkLocation(location, 'artifact', scope)
  if (finding) return err([finding])
  const job = textOf(location, 'job') ?? display(valueOf(location, 'job'))
  const shownJob = masked(job, scope)
  return ok({
    kind: 'artifact',
    location: shown,
    request: { kind: 'artifact', job, path: text },
    refused: (reason, sizes) => {
      switch (reason) {
        case 'no_parent':
        case 'offline':
          return artifactOutside
        case 'is_folder':
          return artifactIsFolder(shown)
        case 'too_large':
          return artifactTooLarge(shownJob, sizes ?? '')
        case 'missing':
          return artifactMissing(shown, shownJob)
        default:
          return job.trim() === '' ? artifactWithoutJob : artifactJobMissing(shownJob)
      }
    },
    empty: artifactEmpty(shown),
    nested: sameScope(scope),
  })
}
