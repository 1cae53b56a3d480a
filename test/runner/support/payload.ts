import { pathToFileURL } from 'node:url'
import type { JobPayload, PayloadStep, PayloadVariable } from '../../../src/model/payload.ts'

export interface PayloadFacts {
  readonly mirror: string
  readonly sha: string
  readonly script: readonly string[]
  readonly afterScript?: readonly string[]
  readonly variables?: readonly PayloadVariable[]
  readonly timeout?: number
  readonly checkoutSha?: string
  readonly image?: string
  readonly artifacts?: Partial<JobPayload['artifacts'][number]>
  /** More of the same, `artifact_type` and all. */
  readonly reports?: readonly Partial<JobPayload['artifacts'][number]>[]
  readonly dependencies?: readonly number[]
  readonly project?: string
  readonly projectId?: number
  readonly notices?: readonly string[]
  readonly cache?: readonly Partial<JobPayload['cache'][number]>[]
  readonly preGetSources?: readonly string[]
  readonly depth?: number
  readonly keepWorkspace?: boolean
  readonly name?: string
}

let lastId = 0

/** A job as the coordinator would hand it out. */
export function payload(facts: PayloadFacts): JobPayload {
  const id = ++lastId
  const path = facts.project ?? 'group/app'
  return {
    id,
    token: `token-of-job-${id}`,
    allow_git_fetch: true,
    job_info: {
      id,
      name: facts.name ?? `job ${id}`,
      stage: 'test',
      project_id: facts.projectId ?? 1,
      project_name: 'app',
      project_full_path: path,
      pipeline_id: 1,
    },
    git_info: {
      repo_url: pathToFileURL(facts.mirror).href,
      ref: 'main',
      sha: facts.sha,
      before_sha: '0'.repeat(40),
      ref_type: 'branch',
      refspecs: ['+refs/heads/main:refs/remotes/origin/main'],
      depth: facts.depth ?? 0,
    },
    runner_info: { timeout: facts.timeout ?? 3600 },
    variables: facts.variables ?? [],
    steps: [
      step('script', facts.script, facts.timeout ?? 3600),
      ...(facts.afterScript ? [step('after_script', facts.afterScript, 300)] : []),
    ],
    image: facts.image === undefined ? null : { name: facts.image },
    services: [],
    artifacts: [...(facts.artifacts ? [facts.artifacts] : []), ...(facts.reports ?? [])].map((artifacts) => ({
      artifact_type: 'archive',
      artifact_format: 'zip',
      name: null,
      paths: [],
      exclude: [],
      untracked: false,
      when: 'on_success',
      expire_in: null,
      ...artifacts,
    })),
    cache: (facts.cache ?? []).map((cache) => ({
      key: 'default',
      untracked: false,
      policy: 'pull-push',
      paths: [],
      when: 'on_success',
      fallback_keys: [],
      ...cache,
    })),
    hooks: facts.preGetSources ? [{ name: 'pre_get_sources_script', script: facts.preGetSources }] : [],
    dependencies: (facts.dependencies ?? []).map((dependency) => ({
      id: dependency,
      name: `job ${dependency}`,
      token: '',
      artifacts_file: { filename: 'artifacts.zip', size: 1 },
    })),
    features: { trace_sections: true, failure_reasons: [] },
    sluice: {
      checkout_sha: facts.checkoutSha ?? facts.sha,
      ...(facts.keepWorkspace && { keep_workspace: true }),
      notices: facts.notices ?? [],
    },
  }
}

export function variable(key: string, value: string, more: Partial<PayloadVariable> = {}): PayloadVariable {
  return { key, value, public: true, masked: false, file: false, raw: false, ...more }
}

function step(name: PayloadStep['name'], script: readonly string[], timeout: number): PayloadStep {
  return {
    name,
    script,
    timeout,
    when: name === 'script' ? 'on_success' : 'always',
    allow_failure: name !== 'script',
  }
}
