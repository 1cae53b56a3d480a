export interface YamlLimits {
  /** Size of the text. GitLab: `max_yaml_size_bytes`, 2 MiB. */
  readonly bytes: number
  /** Collections inside each other. GitLab: `max_yaml_depth`, 100. */
  readonly depth: number
  /** Nodes with every alias written out. GitLab weighs Ruby objects; a count is what both a large file and an alias bomb come down to. */
  readonly nodes: number
  /** GitLab: a header with `spec:` and the body. */
  readonly documents: number
}

export const DEFAULT_YAML_LIMITS: YamlLimits = {
  bytes: 2 * 1024 * 1024,
  depth: 100,
  nodes: 1_000_000,
  documents: 2,
}
