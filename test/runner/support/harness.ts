import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobUpdate } from '../../../src/model/coordinator.ts'
import type { JobPayload } from '../../../src/model/payload.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import type { Executor } from '../../../src/runner/executors/executor.ts'
import { startRunner, type Runner, type RunnerOptions } from '../../../src/runner/runner.ts'
import { fakeCoordinator, type FakeCoordinator } from './fake-coordinator.ts'
import { payload, type PayloadFacts } from './payload.ts'
import { testRepository, type TestRepository } from './repository.ts'

export interface Ended {
  readonly payload: JobPayload
  readonly end: Exclude<JobUpdate, { state: 'running' }>
  /** The whole log. */
  readonly log: string
  /** What the script printed, with the echoed commands. */
  readonly output: string
}

export interface Harness {
  readonly folder: string
  readonly repository: TestRepository
  readonly coordinator: FakeCoordinator
  readonly runner: Runner
  readonly notices: string[]
  /** Hands a job to the runner. */
  start(facts: Partial<PayloadFacts>): JobPayload
  /** ... and waits for its end. */
  run(facts: Partial<PayloadFacts>): Promise<Ended>
  ended(job: JobPayload): Promise<Ended>
  close(): Promise<void>
}

/** A runner with real processes, a coordinator in memory and a small repository. */
export function harness(
  executor: Executor,
  options: Partial<RunnerOptions> & { files?: Readonly<Record<string, string>> } = {},
): Harness {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-runner-'))
  const repository = testRepository(folder, options.files)
  const coordinator = fakeCoordinator(folder)
  const notices: string[] = []
  const runner = startRunner({
    coordinator,
    identity: { name: 'test', tags: [], runUntagged: true },
    executor,
    concurrency: 2,
    buildsDir: join(folder, 'builds'),
    scratchDir: join(folder, 'scratch'),
    caches: { dir: join(folder, 'cache'), limit: 1024 ** 3 },
    clock: systemClock,
    logLimit: 1024 ** 3,
    graceMs: 10_000,
    version: '1.2.3',
    hide: () => [],
    notice: (text) => void notices.push(text),
    ...options,
  })
  const start = (facts: Partial<PayloadFacts>) => {
    const job = payload({ mirror: repository.mirror, sha: repository.sha, script: ['true'], ...facts })
    coordinator.enqueue(job)
    runner.wake()
    return job
  }
  const ended = async (job: JobPayload): Promise<Ended> => {
    const end = await coordinator.ended(job)
    const log = coordinator.trace(job)
    return { payload: job, end, log, output: section(log, 'step_script') }
  }
  return {
    folder,
    repository,
    coordinator,
    runner,
    notices,
    start,
    ended,
    run: (facts) => ended(start(facts)),
    async close() {
      await runner.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The lines of one section, without its heading. */
export function section(log: string, name: string): string {
  const pattern = new RegExp(
    `section_start:\\d+:${name}\\r\\u001b\\[0K[^\\n]*\\n([^]*?)section_end:\\d+:${name}\\r\\u001b\\[0K`,
  )
  return pattern.exec(log)?.[1] ?? ''
}

/** The output without echoed commands. */
export function printed(output: string): string {
  return output.replace(/\u001b\[32;1m\$ [^\n]*\n/g, '')
}
