import type { Diagnostic, Sources, Span } from '../../shared/diagnostic.ts'
import { locate } from '../../shared/source-text.ts'
import type { YamlMapping } from '../../yaml/node.ts'
import type { Config, RuleConfig } from '../config.ts'

/** What warnings are found in. */
export interface LintedFile {
  readonly config: Config
  /** As written, includes merged in: `extends` and references still stand. */
  readonly written: YamlMapping
  /** The file that was asked about: what is unused in an included one may be used elsewhere. */
  readonly path: string
  /** Variables that are known to be given: `--variable`, the project's. */
  readonly given: ReadonlySet<string>
}

export function warningAt(
  sources: Sources,
  span: Span,
  finding: { readonly code: string; readonly message: string; readonly help?: string | undefined },
): Diagnostic {
  const { code, message, help } = finding
  const location = locate(sources, span)
  return { severity: 'warning', code, message, location, ...(help === undefined ? {} : { help }) }
}

export interface RuleList {
  /** `job deploy` or `workflow`. */
  readonly owner: string
  readonly rules: readonly RuleConfig[]
  /** Where the list belongs to, for what cannot be said of one rule. */
  readonly span: Span | null
}

/** Every list of rules: the workflow's, then those of the jobs. Lists that jobs share come once, with the first owner. */
export function ruleLists({ workflow, jobs }: Config): RuleList[] {
  const lists: RuleList[] =
    workflow.rules === null ? [] : [{ owner: 'workflow', rules: workflow.rules, span: null }]
  for (const { name, keywords, span } of jobs.values()) {
    if (keywords.rules !== undefined) lists.push({ owner: `job ${name}`, rules: keywords.rules, span })
  }
  return lists
}

/** Warnings about one place, said once: rules reach several jobs through `extends`, `default` and references. */
export function onceForEachPlace(warnings: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  return warnings.filter(({ code, location }) => {
    const place = `${code}\0${location?.file ?? ''}\0${location?.line ?? ''}\0${location?.column ?? ''}`
    return !seen.has(place) && seen.add(place)
  })
}
