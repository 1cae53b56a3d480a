import { describe, expect, test } from 'vitest'
import type { When } from '../../src/model/plan.ts'
import type { Status } from '../../src/model/status.ts'
import { firstMove } from '../../src/pipeline/readiness.ts'

/** Rows: when; columns: previous success, skipped by stage, skipped by needs, failed, canceled. */
const table: readonly [When, string, string, string, string, string][] = [
  ['on_success', 'pending', 'pending', 'skipped', 'skipped', 'skipped'],
  ['manual', 'manual', 'manual', 'skipped', 'skipped', 'skipped'],
  ['delayed', 'scheduled', 'scheduled', 'skipped', 'skipped', 'skipped'],
  ['on_failure', 'skipped', 'skipped', 'skipped', 'pending', 'skipped'],
  ['always', 'pending', 'pending', 'pending', 'pending', 'skipped'],
]

describe.each(table)('%s', (when, success, skippedStage, skippedNeeds, failed, canceled) => {
  test.each([
    ['success', 'stage', success],
    ['success', 'needs', success],
    ['skipped', 'stage', skippedStage],
    ['skipped', 'needs', skippedNeeds],
    ['failed', 'stage', failed],
    ['failed', 'needs', failed],
    ['canceled', 'stage', canceled],
    ['canceled', 'needs', canceled],
  ] as const)('after %s (%s): %s', (previous, mode, move) => {
    expect(firstMove(when, previous, mode)).toBe(move)
  })

  test.each<Status>([
    'created',
    'pending',
    'running',
    'manual',
    'scheduled',
    'canceling',
    'preparing',
    'waiting_for_resource',
  ])('waits while what came before is %s', (previous) => {
    expect(firstMove(when, previous, 'stage')).toBeUndefined()
    expect(firstMove(when, previous, 'needs')).toBeUndefined()
  })
})
