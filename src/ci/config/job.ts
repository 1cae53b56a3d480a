import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { JobConfig, JobKeywords, JobValues } from '../config.ts'
import { entryError, type Report, under } from '../report.ts'
import { notStringsOrString } from '../texts.ts'
import { readArtifacts } from './artifacts.ts'
import { BRIDGE_KEYWORDS, BRIDGE_READERS } from './bridge.ts'
import { readCache } from './cache.ts'
import { readCoverage } from './coverage.ts'
import { readEnvironment } from './environment.ts'
import { readHooks } from './hooks.ts'
import { readImage, readServices } from './image.ts'
import { readInherit } from './inherit.ts'
import { readJobInputs } from './job-inputs.ts'
import { reportUnknown } from './keys.ts'
import { readRetry, readTimeout } from './limits.ts'
import { readDependencies, readNeeds } from './needs.ts'
import { entriesBeyond, isNull, isString, strings } from './nodes.ts'
import { readPolicy } from './only-except.ts'
import { readPages, readPublish } from './pages.ts'
import { readParallel } from './parallel.ts'
import { readRelease } from './release.ts'
import { readRules } from './rules.ts'
import { readRun } from './run.ts'
import { readBoolean, readText, secondsOf } from './scalars.ts'
import { readDastConfiguration } from './scan.ts'
import { readScript } from './script.ts'
import { readIdentity, readIdTokens, readSecrets } from './secrets.ts'
import { readStage } from './stages.ts'
import { readTags } from './tags.ts'
import { readTrigger } from './trigger.ts'
import { JOB_DATA, readVariables } from './variables.ts'
import { readAllowFailure, readWhen } from './when.ts'

/**
 * Reads one keyword. `at` stands at the keyword, `job` at its job: GitLab reports about attributes at the
 * job.
 */
type Reader<Value> = (node: YamlNode, at: Report, job: Report) => Value | undefined

type Readers = { readonly [Keyword in keyof JobValues]: Reader<JobValues[Keyword]> }

/** The keywords of a job: the table of contents of this folder. */
const READERS: Readers = {
  after_script: readScript,
  allow_failure: (node, _at, job) => readAllowFailure(node, job),
  artifacts: readArtifacts,
  before_script: readScript,
  cache: readCache,
  coverage: readCoverage,
  dast_configuration: readDastConfiguration,
  dependencies: (node, _at, job) => readDependencies(node, job),
  environment: readEnvironment,
  except: readPolicy,
  hooks: readHooks,
  id_tokens: readIdTokens,
  identity: readIdentity,
  image: readImage,
  inherit: readInherit,
  inputs: readJobInputs,
  interruptible: readBoolean,
  manual_confirmation: (node, _at, job) => readText(node, 'manual_confirmation', job),
  needs: (node, at) => readNeeds(node, at),
  only: readPolicy,
  pages: readPages,
  parallel: (node, at) => readParallel(node, at),
  publish: readPublish,
  release: readRelease,
  resource_group: (node, _at, job) => readText(node, 'resource_group', job),
  retry: readRetry,
  rules: (node, _at, job) => readRules(node, job),
  run: (node, _at, job) => readRun(node, job),
  script: readScript,
  secrets: readSecrets,
  services: readServices,
  stage: readStage,
  start_in: secondsOf, // judged together with `when`: job-checks.ts
  tags: readTags,
  timeout: readTimeout,
  trigger: readTrigger,
  variables: (node, at) => readVariables(node, at, JOB_DATA),
  when: (node, _at, job) => readWhen(node, job),
}

const FOR_BRIDGES: Readers = { ...READERS, ...BRIDGE_READERS }

export type JobKeyword = keyof JobValues

/** Every keyword that a job may have; `extends` has done its work before the readers run. */
export const JOB_KEYWORDS: readonly string[] = [...Object.keys(READERS), 'extends']

export function isJobKeyword(key: string): key is JobKeyword {
  return Object.hasOwn(READERS, key)
}

const KNOWN = { job: new Set(JOB_KEYWORDS), bridge: new Set([...BRIDGE_KEYWORDS, 'extends']) } as const

/** Reads every keyword of a job, or of a bridge, and reports those that do not exist. */
export function readKeywords(node: YamlMapping, job: Report, kind: JobConfig['kind']): JobKeywords {
  const known = KNOWN[kind]
  const readers = kind === 'job' ? READERS : FOR_BRIDGES
  const draft: Partial<JobValues> = {}
  for (const [key, { value }] of node.entries) {
    if (known.has(key) && isJobKeyword(key) && !isNull(value)) readKeyword(draft, key, value, job, readers)
  }
  const beyond = entriesBeyond(node, (key) => known.has(key))
  if (beyond.length > 0) reportUnknown(beyond, [...known], job)
  checkExtends(node, job)
  return draft
}

/** Reads one keyword into a set of them. */
export function readKeyword<Keyword extends JobKeyword>(
  draft: Partial<JobValues>,
  keyword: Keyword,
  node: YamlNode,
  job: Report,
  readers: Readers = READERS,
): void {
  const value = readers[keyword](node, under(job, keyword), job)
  if (value !== undefined) draft[keyword] = value
}

function checkExtends(node: YamlMapping, job: Report): void {
  const value = node.entries.get('extends')?.value
  if (value === undefined || isNull(value) || isString(value) || strings(value) !== undefined) return
  entryError(job, value.span, 'extends', notStringsOrString)
}
