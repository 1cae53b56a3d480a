import type { JobUpdate } from '../../../src/model/coordinator.ts'
import { PROCESS_MODES } from '../../../src/store/resource-groups.ts'
import { Violation } from './audit.ts'
import type { JobRow } from './rows.ts'
import { describePlan, type Case, type Step } from './specs.ts'
import { isDone } from './tables.ts'
import type { Turns } from './turns.ts'
import { makeWorld, type Machine, type World } from './world.ts'

export interface Simulated {
  readonly pipelines: number
  readonly jobs: number
  readonly crashes: number
}

const ENDINGS: readonly JobUpdate[] = [
  { state: 'success' },
  { state: 'success' },
  { state: 'success' },
  { state: 'failed', reason: 'script_failure', exitCode: 1 },
  { state: 'failed', reason: 'script_failure', exitCode: 3 },
  { state: 'failed', reason: 'runner_system_failure', exitCode: null },
]
const WAITS = [1000, 6000, 700_000, 3_700_000, 4 * 3600_000, 30 * 3600_000]
const JUMPS = [-3600_000, -30_000, 30_000, 5 * 3600_000]
const HANDS = 3
const ROOTS = 4

/** Runs a case from its first step to the end of its last job; throws with the whole script when a rule is broken. */
export async function simulate(machine: Machine, turns: Turns, { plans, steps }: Case): Promise<Simulated> {
  const world = await makeWorld(machine, plans, turns)
  try {
    await world.start('a', false)
    for (const step of steps) await take(world, step)
    await runOut(world, steps.length)
    await playAll(world, steps.length)
    await freeGroups(world, steps.length)
    checkEnd(world, machine)
    const { pipelines, jobs } = world.audit.picture()
    return { pipelines: pipelines.size, jobs: jobs.size, crashes: world.crashes() }
  } catch (error) {
    const why =
      error instanceof Violation
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error)
    throw new Error(
      `${why}\n\n${plans.map(describePlan).join('\n')}\n\n  ${world.log.join('\n  ')}\n\n${picture(world)}`,
      { cause: error },
    )
  } finally {
    world.finish()
  }
}

async function take(world: World, [kind, pick, more]: Step): Promise<void> {
  const jobs = [...world.audit.picture().jobs.values()]
  const job = jobs[pick % Math.max(1, jobs.length)]
  const among = (...statuses: string[]): JobRow | undefined => {
    const found = jobs.filter(({ status, retried }) => !retried && statuses.includes(status))
    return more % 8 === 0 ? job : found[pick % Math.max(1, found.length)]
  }
  const person = async (verb: string, chosen: JobRow | undefined): Promise<void> => {
    if (chosen) await world.person(verb, chosen)
  }
  switch (kind) {
    case 'new':
      return started(world) < ROOTS ? world.start(pick % 2 === 0 ? 'a' : 'b', more % 2 === 0) : undefined
    case 'turn':
      return void (await world.turn(pick))
    case 'take':
      return void (world.held.size < HANDS && (await world.take()))
    case 'end':
      return endOne(world, pick, more)
    case 'play':
      return person('play', among('manual', 'scheduled'))
    case 'retry':
      return person('retry', among('success', 'failed', 'canceled', 'canceling'))
    case 'cancel':
      return person('cancel', job)
    case 'force':
      return person('force', among('canceling', 'running'))
    case 'unschedule':
      return person('unschedule', among('scheduled'))
    case 'retryPipeline':
      return job && world.retryPipeline(job.pipelineId)
    case 'cancelPipeline':
      return job && world.cancelPipeline(job.pipelineId)
    case 'wait':
      return world.wait(WAITS[pick % WAITS.length] ?? 0)
    case 'setClock':
      return world.setClock(JUMPS[pick % JUMPS.length] ?? 0)
    case 'mode':
      return world.setMode(
        pick % 2 === 0 ? 'g' : 'h',
        PROCESS_MODES[more % PROCESS_MODES.length] ?? 'unordered',
      )
    case 'crash':
      if (pick % 4 === 0) return world.crash()
      return world.crashAt(1 + (pick % 6), more % 2 === 0 ? 'before' : 'after')
    case 'rest':
      return world.rest()
  }
}

async function endOne(world: World, pick: number, more: number): Promise<void> {
  const ids = [...world.held.keys()]
  const id = ids[pick % Math.max(1, ids.length)]
  if (id !== undefined) await world.end(id, ENDINGS[more % ENDINGS.length] ?? { state: 'success' })
}

/** Until nothing more happens without a person. */
async function runOut(world: World, seed: number): Promise<void> {
  for (let round = 0; ; round++) {
    if (round > 500) throw new Violation('it does not end')
    if (round < 40 && (round * 5 + seed) % 6 === 0)
      world.crashAt(1 + ((round + seed) % 4), (round + seed) % 3 === 0 ? 'after' : 'before')
    await world.rest()
    if (await world.take()) continue
    await world.rest()
    if (world.held.size > 0) await endOne(world, 0, (round * 7 + seed) % 11)
    else if (jobsOf(world).some(({ status }) => status === 'scheduled')) await world.wait(4 * 3600_000)
    else break
  }
  for (const job of jobsOf(world)) {
    if (!job.retried && !world.audit.mayStay(job))
      throw new Violation(`job ${job.id} ${job.name} is ${job.status} for ever`)
    if (job.retried && !isDone(job.status))
      throw new Violation(`attempt ${job.id} ${job.name} is ${job.status} for ever`)
  }
}

/** A person plays all that waits for one; then everything must end. */
async function playAll(world: World, seed: number): Promise<void> {
  for (let round = 0; ; round++) {
    const manual = jobsOf(world).filter(
      ({ status, retried, kind }) => !retried && status === 'manual' && !isMirror(world, kind),
    )
    if (manual.length === 0) break
    if (round > 20) throw new Violation('there is always another manual job')
    for (const job of manual) {
      if (world.audit.picture().jobs.get(job.id)?.status === 'manual') await world.person('play', job)
    }
    await runOut(world, seed + round)
  }
}

/**
 * GitLab, too: in the ordered modes a job of a child pipeline can wait for one of its parent's that waits for the child. A person
 * ends that by another mode.
 */
async function freeGroups(world: World, seed: number): Promise<void> {
  if (!jobsOf(world).some(({ status }) => status === 'waiting_for_resource')) return
  for (const group of ['g', 'h']) await world.setMode(group, 'unordered')
  await runOut(world, seed)
  await playAll(world, seed)
}

/** A bridge that says `manual` may only say what its pipeline says: there, somebody plays. */
function isMirror(world: World, kind: string): boolean {
  return (
    kind === 'bridge' &&
    jobsOf(world).some(
      ({ status, kind: other, retried }) => !retried && other === 'build' && status === 'manual',
    )
  )
}

function checkEnd(world: World, { rows }: Machine): void {
  const { pipelines, jobs } = world.audit.picture()
  for (const job of jobs.values())
    if (!isDone(job.status)) throw new Violation(`job ${job.id} ${job.name} is ${job.status} at the end`)
  for (const row of pipelines.values())
    if (!isDone(row.status)) throw new Violation(`pipeline ${row.id} is ${row.status} at the end`)
  const iids = [...pipelines.values()].map(({ iid }) => iid).toSorted((a, b) => a - b)
  const numbers = `pipelines are numbered ${iids.join(', ')}, the next one ${rows.lastIid() + 1}`
  if (new Set(iids).size !== iids.length || (iids.at(-1) ?? 0) > rows.lastIid()) throw new Violation(numbers)
  // A number that was claimed by a process that died before its pipeline was there stays unused, as GitLab's do at every refusal.
  if (world.crashes() === 0 && rows.lastIid() !== iids.length) throw new Violation(numbers)
}

function started(world: World): number {
  return [...world.audit.picture().pipelines.values()].filter(({ parentJobId }) => parentJobId === null)
    .length
}

const jobsOf = (world: World): JobRow[] => [...world.audit.picture().jobs.values()]

function picture(world: World): string {
  const { pipelines, jobs } = world.audit.picture()
  return [...pipelines.values()]
    .map((row) => {
      const own = [...jobs.values()].filter(({ pipelineId }) => pipelineId === row.id)
      const parts = own.map((job) => `${job.id} ${job.name} ${job.status}${job.retried ? ' (retried)' : ''}`)
      return `  pipeline ${row.id} ${row.name} ${row.status}${row.parentJobId === null ? '' : ` of job ${row.parentJobId}`}: ${parts.join(', ')}`
    })
    .join('\n')
}
