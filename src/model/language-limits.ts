/**
 * How much a CI configuration may ask for: GitLab's limits by GitLab's names, with GitLab's defaults. The keys of `language:` in
 * the configuration.
 */
export interface LanguageLimits {
  /** `max_yaml_size_bytes`: of one file. */
  readonly yamlBytes: number
  /** `max_yaml_depth`: collections inside each other. */
  readonly yamlDepth: number
  /** `ci_max_includes`: included files of one pipeline. */
  readonly includes: number
  /** `ci_max_total_yaml_size_bytes`: of all included files together. */
  readonly totalYamlBytes: number
  /** `ci_needs_size_limit`: needs of one job. */
  readonly needs: number
  /** `ci_pipeline_size`: jobs of one pipeline; 0: any number, as in a GitLab of one's own. */
  readonly pipelineJobs: number
}

export const DEFAULT_LANGUAGE_LIMITS: LanguageLimits = {
  yamlBytes: 2 * 1024 * 1024,
  yamlDepth: 100,
  includes: 150,
  totalYamlBytes: 150 * 2 * 1024 * 1024,
  needs: 50,
  pipelineJobs: 0,
}
