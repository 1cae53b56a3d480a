import type { Schedule } from '../../model/schedule.ts'
import { pipelineStatusWords } from '../status-words.ts'
import { pipelinePath } from '../urls.ts'
import { Action, Ask } from './action.tsx'
import { Moment } from './moment.tsx'
import type { ListedPipeline } from './pipeline-table.tsx'
import { StatusBadge } from './status-badge.tsx'

/** What a visitor may do with a schedule. */
export interface ScheduleRights {
  /** Its owner and the person who owns the machine. Nobody has any of these where it is declared. */
  readonly edit: boolean
  /** Maintainers that do not own it. */
  readonly take: boolean
  /** Its owner and maintainers. */
  readonly remove: boolean
}

/** What went wrong, what was missed, and where it is declared. */
export function ScheduleNotes({ schedule }: { readonly schedule: Schedule }) {
  return (
    <>
      {schedule.declaredAt !== null && (
        <p class="hint">{`Declared at ${schedule.declaredAt} and changed there.`}</p>
      )}
      {schedule.lastError !== null && (
        <p class="failed">{`The last run made no pipeline: ${schedule.lastError}`}</p>
      )}
      {schedule.missedRuns > 0 && (
        <p class="hint">
          {`${schedule.missedRuns === 1 ? '1 run was' : `${schedule.missedRuns} runs were`} missed (policy: ${schedule.missed})`}
          {schedule.lastRunAt !== null && (
            <>
              , last planned for <Moment at={schedule.lastRunAt} />
            </>
          )}
        </p>
      )}
      {schedule.ownerId === null && (
        <p class="legacy">Its owner is gone: nothing runs until somebody takes ownership.</p>
      )}
    </>
  )
}

interface LastPipelineProps {
  readonly project: string
  readonly last: ListedPipeline | undefined
}

export function LastPipeline({ project, last }: LastPipelineProps) {
  if (!last) return <>None</>
  const { pipeline, warnings } = last
  return (
    <>
      <StatusBadge words={pipelineStatusWords(pipeline.status, warnings)} />{' '}
      <a href={pipelinePath(project, pipeline.id)}>{`#${pipeline.id}`}</a>
    </>
  )
}

interface ScheduleActionsProps {
  readonly path: string
  readonly schedule: Schedule
  readonly rights: ScheduleRights
}

export function ScheduleActions({ path, schedule, rights }: ScheduleActionsProps) {
  const about = `schedule ${schedule.description}`
  return (
    <div class="actions">
      <Action to={`${path}/play`} text="Play" label={`Play ${about}`} />
      {rights.edit && (
        <Action
          to={`${path}/active`}
          text={schedule.active ? 'Pause' : 'Activate'}
          label={`${schedule.active ? 'Pause' : 'Activate'} ${about}`}
          fields={schedule.active ? {} : { active: '1' }}
        />
      )}
      {rights.take && (
        <Action to={`${path}/take_ownership`} text="Take ownership" label={`Take ownership of ${about}`} />
      )}
      {rights.edit && (
        <a href={`${path}/edit`} aria-label={`Edit ${about}`}>
          Edit
        </a>
      )}
      {rights.remove && (
        <Ask to={`${path}/delete`} text="Delete" label={`Delete ${about}`} confirm="Delete schedule">
          <p>{`The schedule "${schedule.description}" goes for good; its pipelines stay.`}</p>
        </Ask>
      )}
    </div>
  )
}
