import { describe, expect, test } from 'vitest'
import { STATUSES, type Status } from '../../src/model/status.ts'
import { mayGo } from '../../src/pipeline/transitions.ts'

const beforeRunning = [
  'created',
  'waiting_for_resource',
  'preparing',
  'waiting_for_callback',
  'pending',
] as const

/** From GitLab's state machine: event, from, to. */
const table: readonly [string, readonly Status[], Status][] = [
  ['process', ['skipped', 'manual'], 'created'],
  ['enqueue', ['created', 'skipped', 'manual', 'scheduled'], 'pending'],
  ['enqueue with a resource group', ['created', 'skipped', 'manual', 'scheduled'], 'waiting_for_resource'],
  ['enqueue that got its resource', ['waiting_for_resource'], 'pending'],
  ['actionize', ['created'], 'manual'],
  ['schedule', ['created'], 'scheduled'],
  ['unschedule', ['scheduled'], 'manual'],
  ['run', ['pending'], 'running'],
  ['skip', ['created', 'waiting_for_resource', 'preparing', 'pending'], 'skipped'],
  ['success', [...beforeRunning, 'running'], 'success'],
  ['success or drop of a canceling job', ['canceling'], 'canceled'],
  ['drop', [...beforeRunning, 'running', 'manual', 'scheduled'], 'failed'],
  ['cancel of a running job', ['running'], 'canceling'],
  ['cancel', [...beforeRunning, 'running', 'scheduled', 'manual'], 'canceled'],
]

describe.each(table)('%s', (_event, from, to) => {
  test.each(from.map((status) => [status]))(`leads from %s to ${to}`, (status) => {
    expect(mayGo(status, to)).toBe(true)
  })
})

test.each(['success', 'failed', 'canceled'] as const)('a job that is %s stays so', (ended) => {
  for (const to of STATUSES) expect(mayGo(ended, to)).toBe(false)
})

test.each([
  ['skipped', 'failed'],
  ['created', 'running'],
  ['manual', 'running'],
  ['running', 'pending'],
  ['running', 'skipped'],
  ['canceling', 'running'],
  ['canceling', 'failed'],
  ['canceling', 'success'],
] as const)('no event leads from %s to %s', (from, to) => {
  expect(mayGo(from, to)).toBe(false)
})
