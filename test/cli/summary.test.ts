import { describe, expect, it } from 'vitest'
import { chooseColors } from '../../src/cli/colors.ts'
import { renderSummary, type SummaryJob } from '../../src/cli/summary.ts'

const colors = chooseColors('never', {}, false)

function job(name: string, status: SummaryJob['status'], more: Partial<SummaryJob> = {}): SummaryJob {
  return {
    name,
    stageIndex: 0,
    status,
    allowFailure: false,
    scheduling: 'stage',
    needs: [],
    exitCode: null,
    failureReason: null,
    duration: null,
    coverage: null,
    location: null,
    tail: [],
    earlierLines: 0,
    ...more,
  }
}

const failed = { exitCode: 2, failureReason: 'script_failure', duration: 1.24 } as const
const location = { file: '.gitlab-ci.yml', line: 14, column: 1, endLine: 14, endColumn: 5 }

function summary(jobs: readonly SummaryJob[], status: SummaryJob['status'], commandSuffix = ''): string[] {
  return renderSummary({
    jobs,
    status,
    seconds: 12.94,
    logFolder: '/state/traces/2026/11',
    commandSuffix,
    colors,
  }).split('\n')
}

describe('the summary', () => {
  it('puts passes first and failures last, with tail and next commands', () => {
    const jobs = [
      job('lint', 'failed', {
        ...failed,
        location,
        tail: ['src/a.ts:3:7 error  Unexpected any', '1 problem'],
        earlierLines: 212,
      }),
      job('unit 1/2', 'success', { duration: 8.3, coverage: 87.4 }),
      job('audit', 'failed', {
        exitCode: 1,
        failureReason: 'script_failure',
        duration: 0.9,
        allowFailure: true,
      }),
      job('staging', 'skipped', { stageIndex: 1, scheduling: 'dag', needs: ['lint'] }),
    ]
    expect(summary(jobs, 'failed')).toEqual([
      ' PASS [   8.3 s] unit 1/2    87.4% coverage',
      ' SKIP            staging     needs lint',
      ' WARN [  0.90 s] audit       exit 1, allow_failure',
      ' FAIL [   1.2 s] lint        exit 2    .gitlab-ci.yml:14',
      '   > src/a.ts:3:7 error  Unexpected any',
      '   > 1 problem',
      '   212 earlier lines: sluice logs lint    again: sluice run lint',
      'pipeline failed in 12.9 s · 1 passed, 1 warning, 1 failed, 1 skipped · logs in /state/traces/2026/11',
      '',
    ])
  })

  it('says which failure of an earlier stage held a job back', () => {
    const jobs = [job('a', 'failed', { ...failed, stageIndex: 0 }), job('b', 'skipped', { stageIndex: 1 })]
    expect(summary(jobs, 'failed')[0]).toBe(' SKIP            b    needs a')
  })

  it('does not blame an allowed failure', () => {
    const jobs = [
      job('a', 'failed', { ...failed, allowFailure: true }),
      job('b', 'skipped', { stageIndex: 1 }),
    ]
    expect(summary(jobs, 'success')[0]).toBe(' SKIP            b')
  })

  it('names the failure reason when it is not the script that failed', () => {
    const [line] = summary(
      [job('a', 'failed', { failureReason: 'runner_system_failure', duration: 0.1 })],
      'failed',
    )
    expect(line).toBe(' FAIL [  0.10 s] a    runner_system_failure')
  })

  it('says how a manual job is played', () => {
    expect(summary([job('deploy prod', 'manual')], 'manual').slice(0, 2)).toEqual([
      " MANUAL            deploy prod    sluice run 'deploy prod'",
      'pipeline manual in 12.9 s · 1 manual · logs in /state/traces/2026/11',
    ])
  })

  it('shows canceled jobs as such', () => {
    const lines = summary(
      [job('a', 'canceled', { duration: 62 }), job('b', 'success', { duration: 1 })],
      'canceled',
    )
    expect(lines.slice(0, 3)).toEqual([
      ' PASS     [   1.0 s] b',
      ' CANCELED [   1m 2s] a',
      'pipeline canceled in 12.9 s · 1 passed, 1 canceled · logs in /state/traces/2026/11',
    ])
  })

  it('repeats the options that the next command needs', () => {
    const lines = summary([job('a b', 'failed', failed)], 'failed', ' --state /x')
    expect(lines[1]).toBe("   log: sluice logs 'a b' --state /x    again: sluice run 'a b' --state /x")
  })
})
