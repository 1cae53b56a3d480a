import type { Variable } from '../../model/variable.ts'

/** The files of a project at one commit. The reader makes it and knows what it stands for. */
export interface ProjectAt {
  /** Full path: `group/app`. */
  readonly project: string
  readonly sha: string
}

export type IncludeRequest =
  | { readonly kind: 'local'; readonly at: ProjectAt; readonly path: string }
  | {
      readonly kind: 'project'
      readonly project: string
      /** Null: the default branch. */
      readonly ref: string | null
      readonly path: string
      readonly anonymous: boolean
    }
  | {
      readonly kind: 'remote'
      readonly url: string
      /** Base64 of the SHA-256. */ readonly integrity: string | null
    }
  | { readonly kind: 'template'; readonly name: string }
  | { readonly kind: 'component'; readonly address: string; readonly anonymous: boolean }
  /** A file that a job of the parent pipeline made. */
  | { readonly kind: 'artifact'; readonly job: string; readonly path: string }

export interface FoundFile {
  readonly kind: 'found'
  /** The name that diagnostics call it by; another file never has the same. */
  readonly file: string
  readonly text: string
  /** Blob id or hash of the content. */
  readonly identity: string
  /** What a nested `local` is relative to; null: there is no project. */
  readonly at: ProjectAt | null
  readonly component: ComponentFacts | null
}

/** `$[[ component.* ]]`. */
export interface ComponentFacts {
  readonly name: string
  readonly sha: string
  /** The released version; null when a branch or a commit was named. */
  readonly version: string | null
  /** What stands behind the `@`. */
  readonly reference: string
}

export type RefusalReason =
  /** No such file where it was looked for. */
  | 'missing'
  /** The project is not known here, or may not be read. */
  | 'no_access'
  | 'no_ref'
  /** `~latest` and `1.2` in a project without released versions. */
  | 'no_release'
  | 'integrity'
  /** It lies in the network, and no copy is at hand. */
  | 'offline'
  /** There is no parent pipeline whose artifacts could be read. */
  | 'no_parent'
  /** The parent pipeline has no such job, or it has no artifacts. */
  | 'no_artifacts'
  | 'is_folder'
  | 'too_large'

export interface Refusal {
  readonly kind: 'refused'
  readonly reason: RefusalReason
  /** How to supply it, in one line. */
  readonly help: string | null
  /** With `too_large`: the size found and the size allowed, as GitLab writes them. */
  readonly sizes?: string
}

/** Everything that resolving includes needs to know of the world. Nothing is fetched from a network behind it. */
export interface IncludePort {
  /** Where the first file lies; null: it is a text without a project. */
  readonly root: ProjectAt | null
  read(request: IncludeRequest): Promise<FoundFile | Refusal>
  /** All files of a project, in the order of git. */
  paths(at: ProjectAt): Promise<readonly string[]>
  /** For `exists:project`: another project at a ref (null: its default branch). */
  project(name: string, ref: string | null, anonymous: boolean): Promise<ProjectAt | Refusal>
  /** What the pipeline changed; null: nothing to compare with, every `changes` is true. */
  changedPaths(): Promise<readonly string[] | null>
  /** What changed since a ref; null: there is no such ref. */
  comparedPaths(ref: string): Promise<readonly string[] | null>
  /** What `include` and `expand_vars` see, the last of a name wins: no variables of the file itself. */
  variables(): Promise<readonly Variable[]>
  /** Whether the pipeline has no user: it then reaches no project but its own. */
  readonly anonymous: boolean
}

/** A port for texts that stand alone: every include is refused. */
export const NO_INCLUDES: IncludePort = {
  root: null,
  read: () => Promise.resolve({ kind: 'refused', reason: 'offline', help: null }),
  paths: () => Promise.resolve([]),
  project: () => Promise.resolve({ kind: 'refused', reason: 'no_access', help: null }),
  changedPaths: () => Promise.resolve(null),
  comparedPaths: () => Promise.resolve(null),
  variables: () => Promise.resolve([]),
  anonymous: false,
}

/** Remembers what a file's text was parsed into, by its name and identity. */
export interface DocumentCache<Parsed> {
  get(file: string, identity: string): Parsed | undefined
  set(file: string, identity: string, parsed: Parsed, size: number): void
}
