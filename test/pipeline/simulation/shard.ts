import fc from 'fast-check'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { simulate } from './simulate.ts'
import { cases } from './specs.ts'
import { takeTurns, type Turns } from './turns.ts'
import { makeMachine, type Machine } from './world.ts'

/** Pipelines of one shard; four of them make a little more than 20,000. */
const PIPELINES = Number(process.env['SLUICE_SIMULATED'] ?? 5_100)
const CASES_AT_ONCE = 100

/** A share of the simulation, always the same for the same seed; `SLUICE_SEED` takes its place. */
export function simulationShard(seed: number): void {
  let machine: Machine
  let turns: Turns
  const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = mkdtempSync(join(memory, 'sluice-simulation-'))

  beforeAll(() => {
    machine = makeMachine(folder)
    turns = takeTurns()
  })
  afterAll(() => {
    turns.restore()
    machine.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test(
    `${PIPELINES} random pipelines end as GitLab's tables say, whatever dies meanwhile`,
    { timeout: 600_000 },
    async () => {
      const start = Number(process.env['SLUICE_SEED'] ?? seed)
      let [pipelines, jobs, crashes] = [0, 0, 0]
      for (let batch = 0; pipelines < PIPELINES; batch++) {
        const run = fc.asyncProperty(cases, async (each) => {
          const done = await simulate(machine, turns, each)
          pipelines += done.pipelines
          jobs += done.jobs
          crashes += done.crashes
        })
        const found = await fc.check(run, { seed: start + batch, numRuns: CASES_AT_ONCE })
        if (found.failed) {
          const why = found.errorInstance instanceof Error ? found.errorInstance.message : 'no case was run'
          throw new Error(
            `SLUICE_SEED=${found.seed} (case ${found.counterexamplePath}, shrunk ${found.numShrinks} times)\n${why}`,
          )
        }
      }
      expect(jobs).toBeGreaterThan(pipelines)
      expect(crashes).toBeGreaterThan(0)
    },
  )
}
