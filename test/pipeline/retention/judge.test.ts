import { describe, expect, it } from 'vitest'
import { DEFAULT_RETENTION, type RetentionRules } from '../../../src/model/retention.ts'
import { makeJudge } from '../../../src/pipeline/retention/judge.ts'
import type { RetentionRow } from '../../../src/store/retention.ts'

const NOW = 1_000_000
const NOTHING_KEPT: RetentionRules = {
  pipelines: { ageMs: Infinity, count: Infinity, bytes: Infinity },
  logs: { ageMs: Infinity, bytes: Infinity },
  artifacts: { ageMs: Infinity, bytes: Infinity },
  caches: { ageMs: Infinity, bytes: Infinity },
  deliveries: { ageMs: Infinity, count: Infinity, bytes: Infinity },
  keepN: 0,
  keepLatestSuccess: false,
  keep: [],
}

/** Newest first: the first has the highest id. */
function judged(rules: Partial<RetentionRules>, rows: readonly Partial<RetentionRow>[]): string[] {
  const judge = makeJudge({ ...NOTHING_KEPT, ...rules }, NOW)
  return rows.map((row, index) => {
    const verdict = judge({
      id: 100 - index,
      ref: 'main',
      tag: 0,
      refExists: 1,
      status: 'success',
      finishedAt: NOW - 1,
      updatedAt: NOW - 1,
      child: 0,
      logBytes: 0,
      artifactBytes: 0,
      ...row,
    })
    if (verdict.pipeline === 'remove') return 'gone'
    return [verdict.logs === 'remove' ? 'no logs' : '', verdict.artifacts === 'keep' ? '' : verdict.artifacts]
      .filter((word) => word !== '')
      .join(', ')
  })
}

const pipelines = (bounds: Partial<RetentionRules['pipelines']>): Partial<RetentionRules> => ({
  pipelines: { ...NOTHING_KEPT.pipelines, ...bounds },
})

describe('pipelines', () => {
  it('that are too many', () => {
    expect(judged(pipelines({ count: 2 }), [{}, {}, {}, {}])).toEqual(['', '', 'gone', 'gone'])
  })

  it('that are too old, counted from their end', () => {
    const rows = [{ finishedAt: NOW - 100 }, { finishedAt: NOW - 101 }]
    expect(judged(pipelines({ ageMs: 100 }), rows)).toEqual(['', 'gone'])
  })

  it('beyond the bytes that newer ones have filled', () => {
    const rows = [{ logBytes: 60 }, { artifactBytes: 40 }, { logBytes: 1 }]
    expect(judged(pipelines({ bytes: 100 }), rows)).toEqual(['', '', 'gone'])
  })

  it('that have not ended always stay, and fill the bounds', () => {
    const rows = [{ finishedAt: null }, {}, { finishedAt: null }]
    expect(judged(pipelines({ count: 1 }), rows)).toEqual(['', 'gone', ''])
  })

  it('that wait for a person are as old as their last change', () => {
    const waits = { status: 'manual', finishedAt: null } as const
    const rows = [
      { ...waits, updatedAt: NOW - 100, logBytes: 1 },
      { ...waits, updatedAt: NOW - 101 },
    ]
    expect(judged({ ...pipelines({ ageMs: 100 }), logs: { ageMs: 0, bytes: 0 } }, rows)).toEqual(['', 'gone'])
  })

  it('child pipelines neither go nor count by themselves', () => {
    const rows = [{ child: 1 as const }, {}, { child: 1 as const }, {}]
    expect(judged(pipelines({ count: 1 }), rows)).toEqual(['', '', '', 'gone'])
  })
})

describe('what stays whatever the bounds say', () => {
  const tight = pipelines({ count: 1 })

  it('the newest of each ref', () => {
    const rows = [{}, { ref: 'x' }, { ref: 'x' }, { ref: 'v1', tag: 1 as const }, { ref: 'v1' }]
    expect(judged({ ...tight, keepN: 1 }, rows)).toEqual(['', '', 'gone', '', ''])
  })

  it('the newest success of each ref', () => {
    const rows = [{ status: 'failed' as const }, { status: 'failed' as const }, {}, {}]
    expect(judged({ ...tight, keepLatestSuccess: true }, rows)).toEqual(['', 'gone', '', 'gone'])
  })

  it('other numbers for some refs, the first rule that fits', () => {
    const keep = [
      { ref: 'release/*', keepN: 2 },
      { ref: '/^rel/', keepN: 0 },
    ]
    const rows = [{}, ...['release/1', 'release/1', 'release/1', 'rel', 'x'].map((ref) => ({ ref }))]
    expect(judged({ ...tight, keepN: 1, keep }, rows)).toEqual(['', '', '', 'gone', 'gone', ''])
  })

  it('nothing of a branch that was deleted', () => {
    const rows = [{}, { ref: 'merged', refExists: 0 as const }]
    expect(judged({ ...tight, keepN: 1, keepLatestSuccess: true }, rows)).toEqual(['', 'gone'])
  })
})

describe('logs and artifacts', () => {
  it('logs by age and by size', () => {
    const rows = [{ logBytes: 60 }, { logBytes: 41 }, { logBytes: 0 }]
    expect(judged({ logs: { ageMs: Infinity, bytes: 100 } }, rows)).toEqual(['', 'no logs', ''])
    expect(judged({ logs: { ageMs: 0, bytes: Infinity } }, [{ logBytes: 1 }])).toEqual(['no logs'])
  })

  it('artifacts by age only where no date holds them, by size in any case', () => {
    const rows = [{ artifactBytes: 60 }, { artifactBytes: 41 }]
    expect(judged({ artifacts: { ageMs: Infinity, bytes: 100 } }, rows)).toEqual(['', 'all'])
    expect(judged({ artifacts: { ageMs: 0, bytes: Infinity } }, rows)).toEqual(['expired', 'expired'])
  })

  it('not those of a kept pipeline', () => {
    const rows = [{ logBytes: 9, artifactBytes: 9 }]
    const rules = { logs: { ageMs: 0, bytes: 0 }, artifacts: { ageMs: 0, bytes: 0 }, keepN: 1 }
    expect(judged(rules, rows)).toEqual([''])
  })
})

it('the defaults keep a year, and the newest of everything', () => {
  expect(DEFAULT_RETENTION).toMatchObject({ pipelines: { ageMs: 31_536_000_000, count: 100_000 }, keepN: 1 })
})
