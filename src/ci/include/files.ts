import type { Diagnostic, Span } from '../../shared/diagnostic.ts'
import type { Result } from '../../shared/result.ts'
import { type ParsedFile, parseFile } from '../document.ts'
import type { Finding } from '../texts.ts'
import type { LocatedInclude } from './locate.ts'
import type { FoundFile, Refusal } from './port.ts'
import { tooManyIncludes } from './texts.ts'
import { complain, type IncludeWork } from './work.ts'

/** All files of one list are read side by side. GitLab counts them before it opens the first. */
export async function readAll(
  located: readonly LocatedInclude[],
  files: readonly string[],
  work: IncludeWork,
): Promise<readonly (FoundFile | Refusal)[]> {
  for (const { location } of located) {
    work.counted += 1
    if (work.counted > work.limits.files) {
      stopAt(work, location.span, tooManyIncludes(work.limits.files), circleIn(files))
      return []
    }
  }
  return Promise.all(located.map(({ target }) => work.port.read(target.request)))
}

/** Ends the composition. */
export function stopAt(work: IncludeWork, span: Span, finding: Finding, help?: string): void {
  work.stopped = true
  // GitLab stops here, and what came before was only on the way.
  work.reading.problems.length = 0
  complain(work, span, finding, help)
}

/** `a.yml → b.yml → a.yml`: most of those who pass the limit go in a circle. */
function circleIn(files: readonly string[]): string | undefined {
  const last = files.at(-1)
  const before = last === undefined ? -1 : files.lastIndexOf(last, -2)
  return before === -1 ? undefined : `the files include each other: ${files.slice(before).join(' → ')}`
}

/** GitLab names an included file before what is wrong inside. */
export function prefixed(diagnostic: Diagnostic, location: string): Diagnostic {
  return { ...diagnostic, message: `\`${location}\`: ${diagnostic.message}` }
}

/** What a file's text was parsed into, here or for an earlier pipeline. Its warnings are noted once. */
export function parsedOnce(
  file: { readonly file: string; readonly text: string; readonly identity: string | null },
  work: IncludeWork,
): Result<ParsedFile, Diagnostic> {
  const known = file.identity === null ? undefined : work.documents.get(file.file, file.identity)
  const parsed: Result<ParsedFile, Diagnostic> =
    known === undefined
      ? parseFile({ path: file.file, text: file.text }, work.yaml)
      : { ok: true, value: known }
  if (!parsed.ok) return parsed
  if (known === undefined && file.identity !== null) {
    work.documents.set(file.file, file.identity, parsed.value, file.text.length)
  }
  for (const warning of parsed.value.warnings) {
    if (!work.reading.warnings.includes(warning)) work.reading.warnings.push(warning)
  }
  return parsed
}
