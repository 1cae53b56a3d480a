// What happens when a job with a keyword runs here: the one place that says so. The warnings in job logs, the refusals when a
// pipeline is created and docs/compatibility.md all come from this table.

export type Support =
  /** As on GitLab. */
  | 'carried out'
  /** Carried out in part, or only kept: one sentence, said in the job's log. */
  | { readonly differs: string; readonly said?: 'by the runner' | 'never' }
  /** A pipeline with such a job is not created; the document is still valid. `refused` follows the keyword in a sentence. */
  | { readonly refused: string }

/** By keyword; `artifacts:reports` and the like are parts of one. */
export const RUNTIME_SUPPORT: Readonly<Record<string, Support>> = {
  after_script: 'carried out',
  allow_failure: 'carried out',
  artifacts: 'carried out',
  'artifacts:access': { differs: 'everyone who can read this machine can read the artifacts', said: 'never' },
  'artifacts:expose_as': { differs: 'there are no merge requests that could show it', said: 'never' },
  'artifacts:reports': { differs: 'reports are not collected or shown; the files stay in the job' },
  before_script: 'carried out',
  cache: { differs: 'caches are neither restored nor saved; every job starts without one' },
  coverage: 'carried out',
  dast_configuration: { differs: 'there is no scanner, and the profiles are not used' },
  default: 'carried out',
  dependencies: 'carried out',
  environment: { differs: 'no deployment is recorded, and CI_ENVIRONMENT_* variables are not set' },
  except: 'carried out',
  extends: 'carried out',
  hooks: { differs: 'pre_get_sources_script is not run' },
  id_tokens: { differs: 'no tokens are issued; the variables are not set' },
  identity: { differs: 'there is no identity federation on this machine' },
  image: { differs: 'the executor decides whether an image is used', said: 'by the runner' },
  include: 'carried out',
  inherit: 'carried out',
  inputs: { differs: 'the inputs of a job always have their default values' },
  interruptible: { differs: 'a newer pipeline does not cancel this job' },
  manual_confirmation: { differs: 'the job is started without asking', said: 'never' },
  needs: 'carried out',
  'needs:parallel': 'carried out',
  'needs:pipeline': { refused: 'refers to another pipeline, which Sluice does not look into yet' },
  'needs:project': { refused: 'refers to another project, which Sluice does not look into yet' },
  only: 'carried out',
  pages: { differs: 'nothing is published; the folder is kept as an artifact' },
  parallel: 'carried out',
  publish: { differs: 'nothing is published; the folder is kept as an artifact' },
  release: { differs: 'no release is created' },
  resource_group: { differs: 'jobs of the group do not wait for each other' },
  retry: 'carried out',
  rules: 'carried out',
  'rules:exists:project': {
    differs: "only the own project can be asked, at the pipeline's commit",
    said: 'never',
  },
  run: { refused: 'is made of steps, which Sluice does not run yet' },
  script: 'carried out',
  secrets: { refused: 'wants a value from a secrets provider, and no variable of this name is set' },
  services: { differs: 'the executor decides whether services are started', said: 'by the runner' },
  spec: 'carried out',
  stage: 'carried out',
  stages: 'carried out',
  start_in: 'carried out',
  tags: { differs: 'the one runner takes every job, whatever its tags', said: 'never' },
  timeout: 'carried out',
  trigger: { refused: 'starts another pipeline, which Sluice does not do yet' },
  variables: 'carried out',
  when: 'carried out',
  workflow: 'carried out',
  'workflow:auto_cancel': { differs: 'a newer pipeline does not cancel an older one', said: 'never' },
}

/** The words after the keyword when a pipeline is refused for it; undefined when it is not. */
export function refusalOf(keyword: string): string | undefined {
  const support = RUNTIME_SUPPORT[keyword]
  return typeof support === 'object' && 'refused' in support ? support.refused : undefined
}

/** What the job's log says about a keyword; undefined when there is nothing to say, or the runner knows better. */
export function noticeOf(keyword: string): string | undefined {
  const support = RUNTIME_SUPPORT[keyword]
  if (typeof support !== 'object' || !('differs' in support) || support.said !== undefined) return undefined
  return `${keyword}: ${support.differs}`
}
