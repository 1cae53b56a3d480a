import type { ArtifactsPlan, JobOptions } from '../../model/plan.ts'
import type { JobConfig, JobKeywords } from '../config.ts'
import { pagesOf } from '../config/pages.ts'
import { noticesOf } from '../notices.ts'

/** What only the runner and the pages need of a job's keywords. */
export function optionsOf(job: JobConfig): JobOptions {
  const { keywords } = job
  return {
    beforeScript: keywords.before_script ?? [],
    script: keywords.script ?? [],
    afterScript: keywords.after_script ?? [],
    image: keywords.image ?? null,
    services: keywords.services ?? [],
    artifacts: artifactsOf(job),
    timeout: keywords.timeout ?? null,
    retry: keywords.retry ?? null,
    coverage: keywords.coverage ?? null,
    environment: keywords.environment?.value ?? null,
    ...rareOptions(job),
  }
}

type Rare = Omit<
  JobOptions,
  | 'beforeScript'
  | 'script'
  | 'afterScript'
  | 'image'
  | 'services'
  | 'artifacts'
  | 'timeout'
  | 'retry'
  | 'coverage'
  | 'environment'
>

/** Only what was written: most jobs have none of these, and thousands of them are stored. */
function rareOptions(job: JobConfig): Rare {
  const { keywords, name } = job
  const pages = pagesOf(name, keywords)
  const notices = noticesOf(job)
  return {
    ...given('cache', keywords.cache),
    ...given('release', keywords.release),
    ...given('pages', pages),
    ...given('secrets', secretsOf(keywords)),
    ...given('idTokens', keywords.id_tokens),
    ...given('identity', keywords.identity),
    ...given('preGetSourcesScript', keywords.hooks),
    ...given('run', keywords.run?.value),
    ...given('inputs', keywords.inputs),
    ...given('manualConfirmation', keywords.manual_confirmation),
    ...given('trigger', keywords.trigger?.plan),
    ...given('upstream', upstreamOf(keywords)),
    ...given('notices', notices.length === 0 ? undefined : notices),
  }
}

function given<Key extends keyof Rare>(
  key: Key,
  value: Rare[Key] | undefined,
): { readonly [One in Key]?: NonNullable<Rare[One]> } | undefined {
  return value === undefined ? undefined : ({ [key]: value } as { [One in Key]?: NonNullable<Rare[One]> })
}

function secretsOf({ secrets }: JobKeywords): Rare['secrets'] {
  return secrets?.map(({ name, provider, file }) => ({ name, provider, file }))
}

function upstreamOf({ needs }: JobKeywords): Rare['upstream'] {
  if (needs === undefined || needs.upstream.length === 0) return undefined
  return needs.upstream.map(({ value }) => value)
}

/** GitLab: the folder of a pages job is an artifact, whether it is listed or not. */
function artifactsOf({ name, keywords }: JobConfig): ArtifactsPlan | null {
  const written = keywords.artifacts ?? null
  const folder = pagesOf(name, keywords)?.publish
  if (folder === undefined || written?.paths.includes(folder)) return written
  const artifacts = written ?? NOTHING
  return { ...artifacts, paths: [...artifacts.paths, folder] }
}

const NOTHING: ArtifactsPlan = {
  name: null,
  paths: [],
  exclude: [],
  untracked: false,
  when: 'on_success',
  expireIn: null,
}
