// What a week must give, worked out without any code of ours: from recorded instants, from what git says, and from the rules as they
// are documented.
import { readFileSync } from 'node:fs'
import type { Year } from '../../shared/cron-fixtures.ts'

export type Missed = 'once' | 'skip' | 'all'

/** Instants in milliseconds since the epoch. */
export interface ModelSchedule {
  readonly projectId: number
  readonly description: string
  cron: string
  timezone: string
  missed: Missed
  active: boolean
  owner: 'root' | 'mia'
  /** Up to here everything was looked at. */
  cursor: number
  /** Its row; known once it was read. */
  id: number | undefined
  /** Instants that must have exactly one pipeline, and those of which a killed process may have made one. */
  readonly must: Set<number>
  readonly may: Set<number>
}

export interface ModelProject {
  readonly id: number
  served: boolean
  /** The repository is where the configuration says. */
  present: boolean
  /** Undefined: not watched. */
  watch: ((ref: string) => boolean) | undefined
  /** What was seen last; undefined: nothing ever. */
  known: Map<string, string> | undefined
  /** `<ref> <sha>` of each pipeline that a push must have given, in order. */
  readonly pushes: string[]
  /** Requests that were answered with 201. */
  triggered: number
  /** Pipelines that a tag of another project started here. */
  downstream: number
}

/** From `limits.missed_runs` of the week's configuration. */
export const MOST_MISSED = 4
/** A schedule with `skip` that is looked at this much later is on time. */
const ON_TIME = 120_000
const MINUTE = 60_000

export const recordedWeek: readonly Year[] = JSON.parse(
  readFileSync(new URL('../../../fixtures/cron/week.json', import.meta.url), 'utf8'),
)

const instants = new Map<string, readonly number[]>(
  recordedWeek.map(({ cron, zone, from, gaps }) => {
    let at = Date.parse(from)
    const runs = gaps.split(' ').flatMap((group) => {
      const [minutes = 0, times = 1] = group.split('*').map(Number)
      return Array.from({ length: times }, () => (at += minutes * MINUTE))
    })
    return [`${cron} ${zone}`, runs]
  }),
)

/** The recorded instants after one and up to another. */
export function instantsOf(
  { cron, timezone }: Pick<ModelSchedule, 'cron' | 'timezone'>,
  after: number,
  end: number,
): number[] {
  const runs = instants.get(`${cron} ${timezone}`)
  if (!runs) throw new Error(`nothing is recorded of ${cron} in ${timezone}`)
  return runs.filter((run) => run > after && run <= end)
}

export interface Model {
  readonly projects: Map<number, ModelProject>
  /** Those that are there. */
  readonly schedules: Map<string, ModelSchedule>
  /** Those that were removed; what they gave stays. */
  readonly removed: ModelSchedule[]
  /** Whether mia may still run pipelines. */
  miaMay: boolean
  schedule(projectId: number, description: string): ModelSchedule
  /** A look at the schedules at this instant. `died`: in the middle of it, nobody knows where. */
  tick(now: number, died?: boolean): void
  /** Whether anything is due after one instant and up to another. */
  isDue(after: number, end: number): boolean
  /** A look at a project's branches and tags. */
  look(project: ModelProject, refs: ReadonlyMap<string, string>): void
}

export function makeModel(): Model {
  const projects: Model['projects'] = new Map()
  const schedules: Model['schedules'] = new Map()

  const counts = (schedule: ModelSchedule): boolean =>
    schedule.active && projects.get(schedule.projectId)?.served === true

  function chosen({ missed }: ModelSchedule, due: readonly number[], now: number): readonly number[] {
    if (missed === 'all') return due.slice(-MOST_MISSED)
    const last = due.slice(-1)
    return missed === 'skip' && last.some((instant) => now - instant > ON_TIME) ? [] : last
  }

  function expectRuns(schedule: ModelSchedule, due: readonly number[], now: number, died: boolean): void {
    if (schedule.owner === 'mia' && !model.miaMay) return
    // git may still be asked through a folder that was moved away under it.
    const unsure = died || projects.get(schedule.projectId)?.present !== true
    for (const instant of chosen(schedule, due, now)) (unsure ? schedule.may : schedule.must).add(instant)
  }

  const model: Model = {
    projects,
    schedules,
    removed: [],
    miaMay: true,
    schedule(projectId, description) {
      const found = schedules.get(`${projectId}/${description}`)
      if (!found) throw new Error(`the model has no schedule ${description}`)
      return found
    },
    tick(now, died = false) {
      for (const schedule of schedules.values()) {
        if (!counts(schedule)) continue
        const due = instantsOf(schedule, schedule.cursor, now)
        if (due.length === 0) continue
        expectRuns(schedule, due, now, died)
        if (!died) schedule.cursor = now
      }
    },
    isDue: (after, end) =>
      [...schedules.values()].some(
        (schedule) => counts(schedule) && instantsOf(schedule, after, end).length > 0,
      ),
    look(project, refs) {
      const { watch, known } = project
      if (!project.served || !project.present || !watch) return
      for (const [ref, sha] of refs)
        if (known && known.get(ref) !== sha && watch(ref)) project.pushes.push(`${ref} ${sha}`)
      project.known = new Map(refs)
    },
  }
  return model
}
