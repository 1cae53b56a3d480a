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
  'artifacts:reports': 'carried out',
  before_script: 'carried out',
  cache: 'carried out',
  coverage: 'carried out',
  dast_configuration: { differs: 'there is no scanner, and the profiles are not used' },
  default: 'carried out',
  dependencies: 'carried out',
  environment: 'carried out',
  'environment:kubernetes': {
    differs: 'there is no cluster; the keyword is checked and kept',
    said: 'never',
  },
  except: 'carried out',
  extends: 'carried out',
  hooks: 'carried out',
  id_tokens: { differs: 'no tokens are issued; the variables are not set' },
  identity: { differs: 'there is no identity federation on this machine' },
  image: {
    differs:
      'the executors of this machine do not use an image, and each log says so; an official gitlab-runner with the docker executor would',
    said: 'by the runner',
  },
  include: 'carried out',
  inherit: 'carried out',
  inputs: {
    differs: '${{ job.inputs.NAME }} is replaced by its value; other expressions stay as written',
    said: 'never',
  },
  interruptible: 'carried out',
  manual_confirmation: { differs: 'the job is started without asking', said: 'never' },
  needs: 'carried out',
  'needs:parallel': 'carried out',
  'needs:pipeline': 'carried out',
  'needs:project': 'carried out',
  only: 'carried out',
  pages: {
    differs:
      'nothing is published; the folder is kept as an artifact, and what would be published is recorded',
  },
  parallel: 'carried out',
  publish: {
    differs:
      'nothing is published; the folder is kept as an artifact, and what would be published is recorded',
  },
  release: { differs: 'nothing is published; the release is recorded when the job succeeds' },
  resource_group: 'carried out',
  retry: 'carried out',
  rules: 'carried out',
  'rules:exists:project': {
    differs: "only the own project can be asked, at the pipeline's commit",
    said: 'never',
  },
  run: { refused: 'is made of steps, which Sluice does not run yet' },
  script: 'carried out',
  secrets: { refused: 'wants a value from a secrets provider, and no variable of this name is set' },
  services: {
    differs:
      'the executors of this machine start no services, and each log says so; an official gitlab-runner with the docker executor would',
    said: 'by the runner',
  },
  spec: 'carried out',
  stage: 'carried out',
  stages: 'carried out',
  start_in: 'carried out',
  tags: { differs: 'the one runner takes every job, whatever its tags', said: 'never' },
  timeout: 'carried out',
  trigger: 'carried out',
  variables: 'carried out',
  when: 'carried out',
  workflow: 'carried out',
  'workflow:auto_cancel': 'carried out',
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
