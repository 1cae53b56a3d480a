import type { Variable } from '../../model/variable.ts'
import { expandAll } from '../variables/expand.ts'
import type { ComponentFacts, ProjectAt } from './port.ts'

/** What the includes of one file see. Files of a project hand theirs on; remote files and templates see nothing. */
export interface IncludeScope {
  /** Null: there is no project. */
  readonly at: ProjectAt | null
  /** Projects are read as by somebody without an account. */
  readonly anonymous: boolean
  readonly variables: ReadonlyMap<string, Variable>
  readonly component: ComponentFacts | null
  /** The path of the file itself when an `include:local` brought it in. */
  readonly localPath: string | null
}

/** GitLab: files that belong to no project are expanded without project, user and variables. */
export function outsideScope(scope: IncludeScope): IncludeScope {
  return { at: null, anonymous: true, variables: new Map(), component: scope.component, localPath: null }
}

/** GitLab "expand": what is not defined becomes empty. */
export function expandIn(text: string, { variables }: IncludeScope): string {
  return expandAll(text, (name) => variables.get(name)?.value)
}

/** GitLab: a masked value is crossed out in every message. */
export function masked(text: string, { variables }: IncludeScope): string {
  let shown = text
  for (const { masked: secret, value } of variables.values()) {
    if (secret && value !== '') shown = shown.replaceAll(value, 'x'.repeat(value.length))
  }
  return shown
}
