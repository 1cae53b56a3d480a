import { expect, it } from 'vitest'
import type { Status } from '../../src/model/status.ts'
import {
  nextBridgeStatus,
  statusFromDownstream,
  statusFromUpstream,
} from '../../src/pipeline/bridge-status.ts'

type Next = Status | undefined

// GitLab: Ci::Bridge#inherit_dependent_status_from_downstream!, #inherit_mirrored_status_from_downstream!, #inherit_status_from_upstream!
it.each<[downstream: Status, depend: Next, mirror: Next, upstream: Next]>([
  ['created', undefined, undefined, undefined],
  ['waiting_for_resource', undefined, undefined, undefined],
  ['preparing', undefined, undefined, undefined],
  ['pending', undefined, undefined, undefined],
  ['running', undefined, undefined, 'running'],
  ['success', 'success', 'success', 'success'],
  ['failed', 'failed', 'failed', 'failed'],
  ['canceling', undefined, undefined, undefined],
  ['canceled', 'canceled', 'canceled', 'canceled'],
  ['skipped', 'failed', 'skipped', 'skipped'],
  ['manual', undefined, 'manual', 'manual'],
  ['scheduled', undefined, undefined, 'scheduled'],
])('%s', (status, depend, mirror, upstream) => {
  expect(statusFromDownstream('depend', status)).toBe(depend)
  expect(statusFromDownstream('mirror', status)).toBe(mirror)
  expect(statusFromUpstream(status)).toBe(upstream)
})

type Strategy = Parameters<typeof nextBridgeStatus>[0]['strategy']

const rows: [bridge: Status, strategy: Strategy, downstream: Status, again: boolean, next: Next][] = [
  // Without a strategy the pipeline has only to be there.
  ['running', null, 'created', false, 'success'],
  ['pending', null, 'failed', false, 'success'],
  ['success', null, 'failed', false, undefined],
  ['running', 'depend', 'running', false, undefined],
  ['running', 'depend', 'success', false, 'success'],
  ['success', 'depend', 'success', false, undefined],
  ['success', 'depend', 'failed', false, 'failed'],
  // Who canceled the bridge did not wait for the other pipeline.
  ['canceled', 'depend', 'success', false, undefined],
  // Run again.
  ['failed', 'depend', 'running', true, 'pending'],
  ['canceled', 'mirror', 'pending', true, 'pending'],
  ['skipped', 'mirror', 'running', true, 'pending'],
  ['failed', 'depend', 'running', false, undefined],
  ['success', 'depend', 'running', true, undefined],
  ['pending', 'depend', 'success', false, 'success'],
  // A job of the child was played.
  ['manual', 'mirror', 'running', false, 'running'],
  ['running', 'mirror', 'manual', false, 'manual'],
]
it.each(rows)('%s, %s, downstream %s, again %s: %s', (status, strategy, downstream, again, next) => {
  expect(nextBridgeStatus({ status, strategy }, { status: downstream, configError: null }, again)).toBe(next)
})

it('fails with a pipeline whose configuration is wrong, whatever the strategy', () => {
  const wrong = { status: 'failed', configError: 'no' } as const
  expect(nextBridgeStatus({ status: 'running', strategy: null }, wrong, false)).toBe('failed')
  expect(nextBridgeStatus({ status: 'success', strategy: null }, wrong, false)).toBeUndefined()
})
