import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { JobKeywords, JobValues } from '../config.ts'
import { entryError, type Report, under } from '../report.ts'
import { notStringsOrString } from '../texts.ts'
import { readArtifacts } from './artifacts.ts'
import { readCoverage } from './coverage.ts'
import { readImage, readServices } from './image.ts'
import { readInherit } from './inherit.ts'
import { reportUnknown } from './keys.ts'
import { readRetry, readTimeout } from './limits.ts'
import { readDependencies, readNeeds } from './needs.ts'
import { entriesBeyond, isNull, isString, strings } from './nodes.ts'
import { readPolicy } from './only-except.ts'
import { readParallel } from './parallel.ts'
import { readRules } from './rules.ts'
import { readBoolean, secondsOf } from './scalars.ts'
import { readScript } from './script.ts'
import { readStage } from './stages.ts'
import { readTags } from './tags.ts'
import { reportUnsupported, UNSUPPORTED_JOB } from './unsupported.ts'
import { JOB_DATA, readVariables } from './variables.ts'
import { readAllowFailure, readWhen } from './when.ts'

/**
 * Reads one keyword. `at` stands at the keyword, `job` at its job: GitLab reports about attributes at the
 * job.
 */
type Reader<Value> = (node: YamlNode, at: Report, job: Report) => Value | undefined

/** The keywords of a job: the table of contents of this folder. */
const READERS: { readonly [Keyword in keyof JobValues]: Reader<JobValues[Keyword]> } = {
  after_script: readScript,
  allow_failure: (node, _at, job) => readAllowFailure(node, job),
  artifacts: readArtifacts,
  before_script: readScript,
  coverage: readCoverage,
  dependencies: (node, _at, job) => readDependencies(node, job),
  except: readPolicy,
  image: readImage,
  inherit: readInherit,
  interruptible: readBoolean,
  needs: readNeeds,
  only: readPolicy,
  parallel: readParallel,
  retry: readRetry,
  rules: (node, _at, job) => readRules(node, job),
  script: readScript,
  services: readServices,
  stage: readStage,
  start_in: secondsOf, // judged together with `when`: job-checks.ts
  tags: readTags,
  timeout: readTimeout,
  variables: (node, at) => readVariables(node, at, JOB_DATA),
  when: (node, _at, job) => readWhen(node, job),
}

export type JobKeyword = keyof JobValues

/**
 * Every keyword that a job may have and Sluice carries out; `extends` has done its work before the readers
 * run.
 */
export const JOB_KEYWORDS: readonly string[] = [...Object.keys(READERS), 'extends']

export function isJobKeyword(key: string): key is JobKeyword {
  return Object.hasOwn(READERS, key)
}

/** Reads every keyword of a job and reports those that do not exist, or not yet. */
export function readKeywords(node: YamlMapping, job: Report): JobKeywords {
  const draft: Partial<JobValues> = {}
  for (const [key, { value }] of node.entries) {
    if (isJobKeyword(key) && !isNull(value)) readKeyword(draft, key, value, job)
  }
  const beyond = entriesBeyond(node, (key) => isJobKeyword(key) || key === 'extends')
  if (beyond.length > 0) {
    reportUnsupported(beyond, UNSUPPORTED_JOB, job)
    reportUnknown(
      beyond.filter((entry) => !UNSUPPORTED_JOB.includes(entry.key.text)),
      JOB_KEYWORDS,
      job,
    )
  }
  checkExtends(node, job)
  return draft
}

/** Reads one keyword into a set of them. */
export function readKeyword<Keyword extends JobKeyword>(
  draft: Partial<JobValues>,
  keyword: Keyword,
  node: YamlNode,
  job: Report,
): void {
  const value = READERS[keyword](node, under(job, keyword), job)
  if (value !== undefined) draft[keyword] = value
}

function checkExtends(node: YamlMapping, job: Report): void {
  const value = node.entries.get('extends')?.value
  if (value === undefined || isNull(value) || isString(value) || strings(value) !== undefined) return
  entryError(job, value.span, 'extends', notStringsOrString)
}
