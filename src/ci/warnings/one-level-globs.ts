import type { Diagnostic, Sources, Span } from '../../shared/diagnostic.ts'
import type { Spanned } from '../config.ts'
import { ruleLists, warningAt, type LintedFile } from './warning.ts'

/** `**` in `changes` and `exists` that does not reach below one folder: Ruby's File.fnmatch knows it only as a whole `**` + `/`. */
export function oneLevelGlobs({ config }: LintedFile): Diagnostic[] {
  return [...globLists(config)].flatMap(({ value, span }) =>
    value.flatMap((glob) => {
      const better = reaching(glob)
      if (better === undefined) return []
      return warningAt(config.sources, placeOf(glob, span, config.sources), {
        code: 'glob.one_level',
        message: `"${glob}" matches one level only`,
        help: `"${better}" matches all levels below`,
      })
    }),
  )
}

function* globLists(config: LintedFile['config']): Generator<Spanned<readonly string[]>> {
  for (const { rules } of ruleLists(config)) {
    for (const { changes, exists } of rules) {
      if (changes !== null) yield { value: changes.paths, span: changes.span }
      if (exists !== null) yield { value: exists.paths, span: exists.span }
    }
  }
  for (const { keywords } of config.jobs.values()) {
    for (const policy of [keywords.only, keywords.except]) if (policy?.changes) yield policy.changes
  }
}

/** The glob that was meant: `src/**` is `src/**` + `/*`, `**.md` is `**` + `/*.md`. */
function reaching(glob: string): string | undefined {
  const parts = glob.split('/')
  const last = parts.at(-1) ?? ''
  if (!last.includes('**')) return undefined
  return [...parts.slice(0, -1), '**', last === '**' ? '*' : last.replaceAll('**', '*')].join('/')
}

/** The list's own span is all that is kept; the glob is looked for in its text. */
function placeOf(glob: string, span: Span, sources: Sources): Span {
  const at = sources.get(span.file)?.indexOf(glob, span.start) ?? -1
  return at === -1 || at >= span.end ? span : { file: span.file, start: at, end: at + glob.length }
}
