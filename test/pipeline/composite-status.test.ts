import { describe, expect, test } from 'vitest'
import type { Status } from '../../src/model/status.ts'
import { compositeStatus, countedStatus } from '../../src/pipeline/composite-status.ts'

/** `failed!` is a job with allow_failure. */
function counted(words: string) {
  return new Set(
    words
      .split(', ')
      .filter(Boolean)
      .map((word) =>
        countedStatus({ status: word.replace('!', '') as Status, allowFailure: word.endsWith('!') }),
      ),
  )
}

describe('the composite status of a stage or a pipeline', () => {
  test.each([
    ['success, failed!', 'success'],
    ['success, manual!', 'success'],
    ['manual!', 'skipped'],
    ['success, manual', 'manual'],
    ['failed, manual', 'manual'],
    ['failed, canceled', 'failed'],
    ['canceled, success', 'canceled'],
    ['success, created', 'running'],
    ['pending, created', 'pending'],
    ['success, pending', 'running'],
    ['failed, running', 'running'],
    ['canceled!, success', 'success'],
    ['failed, skipped', 'failed'],
    ['scheduled, success', 'scheduled'],
    ['', 'success'],
    ['skipped, manual!', 'skipped'],
    ['created, failed!', 'created'],
    ['preparing', 'preparing'],
    ['preparing, success', 'preparing'],
    ['waiting_for_resource, success', 'waiting_for_resource'],
    ['waiting_for_callback, success', 'waiting_for_callback'],
    ['canceling, success', 'canceling'],
    ['canceling, failed', 'canceling'],
    ['success, skipped', 'success'],
    ['failed', 'failed'],
    ['skipped', 'skipped'],
    ['canceled', 'canceled'],
    ['canceled, skipped, failed!', 'canceled'],
    ['created', 'created'],
    ['created, manual!', 'created'],
    ['created, skipped', 'pending'],
    ['pending', 'pending'],
    ['pending, skipped, failed!', 'pending'],
    ['preparing, failed!', 'preparing'],
    ['preparing, created', 'preparing'],
    ['running, waiting_for_resource', 'running'],
    ['waiting_for_resource, waiting_for_callback', 'waiting_for_resource'],
    ['waiting_for_callback, manual', 'waiting_for_callback'],
    ['manual, scheduled', 'manual'],
    ['scheduled, preparing', 'scheduled'],
    ['preparing, canceling', 'preparing'],
    ['created, canceling', 'running'],
    ['created, failed', 'running'],
    ['canceling, canceled', 'canceling'],
    ['canceled, failed!, manual!', 'canceled'],
    ['failed, failed!', 'failed'],
  ])('%s is %s', (words, status) => {
    expect(compositeStatus(counted(words))).toBe(status)
  })
})

describe('the composite status of needs', () => {
  test.each([
    ['success, skipped', 'skipped'],
    ['success, manual!', 'skipped'],
    ['failed, skipped', 'skipped'],
    ['running, skipped', 'skipped'],
    ['success, failed!', 'success'],
    ['failed, running', 'running'],
    ['success, manual', 'manual'],
    ['', 'success'],
  ])('%s is %s', (words, status) => {
    expect(compositeStatus(counted(words), 'needs')).toBe(status)
  })
})
