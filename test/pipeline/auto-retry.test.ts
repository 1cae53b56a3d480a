import { describe, expect, test } from 'vitest'
import { FAILURE_REASONS, type FailureReason } from '../../src/model/failure-reason.ts'
import type { Job } from '../../src/model/job.ts'
import { retriesItself } from '../../src/pipeline/retry.ts'
import { failed, testEngine } from '../support/engine.ts'

type Retry = NonNullable<Job['options']['retry']>

function job(retry: Partial<Retry> | null, attempt = 1): Job {
  const whole = retry && { max: 2, when: ['always'], exitCodes: [], ...retry }
  return { attempt, retried: false, options: { retry: whole } } as unknown as Job
}

describe('a failed job is tried again', () => {
  test.each<[string, Partial<Retry> | null, FailureReason, number | null, boolean]>([
    ['by default for whatever reason', {}, 'script_failure', 1, true],
    ['for its reason', { when: ['script_failure'] }, 'script_failure', 1, true],
    ['not for another reason', { when: ['api_failure'] }, 'script_failure', 1, false],
    ['for one of several', { when: ['api_failure', 'script_failure'] }, 'script_failure', null, true],
    ['for its exit code', { when: [], exitCodes: [7] }, 'script_failure', 7, true],
    ['not for another exit code', { when: [], exitCodes: [7] }, 'script_failure', 1, false],
    ['not for a code that it has not', { when: [], exitCodes: [7] }, 'runner_system_failure', null, false],
    ['for its reason or its code', { when: ['api_failure'], exitCodes: [7] }, 'script_failure', 7, true],
    ['not without `retry`', null, 'script_failure', 1, false],
    ['not with `max: 0`', { max: 0 }, 'script_failure', 1, false],
    ['without `retry` when the scheduler failed', null, 'scheduler_failure', null, true],
  ])('%s', (_, retry, reason, exitCode, expected) => {
    expect(retriesItself(job(retry), reason, exitCode)).toBe(expected)
  })

  test.each<FailureReason>([
    'ci_quota_exceeded',
    'no_matching_runner',
    'missing_dependency_failure',
    'forward_deployment_failure',
    'environment_creation_failure',
  ])('never for %s', (reason) => {
    expect(retriesItself(job({ max: 2, when: ['always', reason] }), reason, null)).toBe(false)
  })

  test.each<[string, FailureReason]>([
    ['stuck_or_timeout_failure', 'stuck_or_timeout_failure'],
    ['stuck_or_timeout_failure', 'stuck_pending_with_matching_runners'],
    ['stuck_or_timeout_failure', 'stuck_pending_no_matching_runners'],
    ['stuck_or_timeout_failure', 'no_updates_running'],
    ['stuck_or_timeout_failure', 'no_updates_canceling'],
    ['job_execution_timeout', 'job_execution_timeout'],
    ['job_execution_timeout', 'server_timeout_running'],
    ['job_execution_timeout', 'server_timeout_canceling'],
  ])('with `when: %s` for %s', (word, reason) => {
    expect(retriesItself(job({ when: [word] }), reason, null)).toBe(true)
  })

  test('the finer word does not stand for the coarser', () => {
    expect(retriesItself(job({ when: ['no_updates_running'] }), 'stuck_or_timeout_failure', null)).toBe(false)
  })

  test.each([
    [1, 1, true],
    [1, 2, false],
    [2, 2, true],
    [2, 3, false],
  ])('max %i: after attempt %i %s', (max, attempt, expected) => {
    expect(retriesItself(job({ max }, attempt), 'script_failure', 1)).toBe(expected)
  })

  test('twice at most when the scheduler failed', () => {
    expect([1, 2, 3].map((attempt) => retriesItself(job(null, attempt), 'scheduler_failure', null))).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('in a pipeline', () => {
  test('`when` is [] where only exit codes are given', async () => {
    const t = testEngine('a: {script: [a], retry: {max: 1, exit_codes: [7]}}')
    const id = await t.create()
    await t.finish('a', failed(1))
    expect(t.statuses(id)).toEqual({ a: 'failed' })
    const other = await t.create()
    await t.finish('a', failed(7))
    expect(t.statuses(other)).toEqual({ a: 'pending' })
  })

  test('a retry by hand counts as an attempt', async () => {
    const t = testEngine('a: {script: [a], retry: 1}')
    const id = await t.create()
    const { id: first } = await t.finish('a')
    t.engine.verbs.retry(first, { userId: 1 })
    await t.finish('a', failed())
    expect(t.statuses(id)).toEqual({ a: 'failed' })
  })

  test('a canceled job is not tried again', async () => {
    const t = testEngine('a: {script: [a], retry: 2}')
    const id = await t.create()
    const payload = await t.take()
    t.engine.cancel(id)
    await t.engine.coordinator.updateJob(payload?.token ?? '', failed())
    expect(t.statuses(id)).toEqual({ a: 'canceled' })
    expect(t.store.jobs.ofPipeline(id)).toHaveLength(1)
  })

  test('a manual job that was played is not held again', async () => {
    const t = testEngine('a: {script: [a], when: manual, retry: 1}')
    const id = await t.create()
    const [a] = t.store.jobs.headsOf(id)
    t.engine.verbs.play(a?.id ?? 0, { userId: 1 })
    await t.finish('a', failed())
    expect(t.statuses(id)).toEqual({ a: 'pending' })
  })

  test('an exit code that is allowed is allowed at failure time only', async () => {
    const t = testEngine('a: {script: [a], retry: 1, allow_failure: {exit_codes: [3]}}')
    const id = await t.create()
    await t.finish('a', failed(3))
    expect(t.store.jobs.ofPipeline(id).map(({ status, allowFailure }) => [status, allowFailure])).toEqual([
      ['failed', true],
      ['pending', false],
    ])
    await t.finish('a', { state: 'failed', reason: 'job_execution_timeout', exitCode: null })
    expect(t.store.pipelines.find(id)?.status).toBe('failed')
  })
})

test("failure reasons are GitLab's", () => {
  expect(FAILURE_REASONS).toEqual(expect.arrayContaining(REASONS))
  expect(new Set(FAILURE_REASONS).size).toBe(FAILURE_REASONS.length)
})

const REASONS = `unknown_failure script_failure api_failure runner_system_failure runner_unsupported
runner_configuration_error runner_external_dependency_failure runner_interrupted stuck_or_timeout_failure
stuck_pending_with_matching_runners stuck_pending_no_matching_runners no_updates_running no_updates_canceling
job_execution_timeout job_execution_server_timeout server_timeout_running server_timeout_canceling
missing_dependency_failure stale_schedule archived_failure unmet_prerequisites scheduler_failure data_integrity_failure
forward_deployment_failure failed_outdated_deployment_job environment_creation_failure deployment_rejected
protected_environment_failure user_blocked project_deleted builds_disabled ci_quota_exceeded no_matching_runner
trace_size_exceeded ip_restriction_failure secrets_provider_not_found job_token_expired pipeline_loop_detected
invalid_bridge_trigger downstream_bridge_project_not_found upstream_bridge_project_not_found
insufficient_bridge_permissions insufficient_upstream_permissions downstream_pipeline_creation_failed
reached_max_descendant_pipelines_depth reached_max_pipeline_hierarchy_size
reached_downstream_pipeline_trigger_rate_limit`.split(/\s+/)
