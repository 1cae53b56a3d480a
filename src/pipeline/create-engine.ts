import type { CreatePipelineCommand, CreatePipelineResult } from '../model/command.ts'
import { makeAnnouncements } from './announcements.ts'
import { makeBridges } from './bridges.ts'
import { cancelPipeline } from './cancel.ts'
import type { EngineContext, EngineOptions } from './context.ts'
import { makeCoordinator } from './coordinator.ts'
import { createPipeline } from './create.ts'
import { makeCrowd } from './crowd.ts'
import type { Engine } from './engine.ts'
import { makeForeignChanges } from './foreign.ts'
import { livePipelines } from './live.ts'
import { previewPipeline } from './preview.ts'
import { provenanceOf } from './provenance.ts'
import { prunePipelines } from './prune.ts'
import { recover } from './recover.ts'
import { cancelRedundant } from './redundant.ts'
import { makeRoom } from './room.ts'
import { makePrecedence } from './precedence.ts'
import { familySettled } from './settled-family.ts'
import { makeAccessTokens } from './registry/access-tokens.ts'
import { makeCommitStatuses } from './registry/commit-statuses.ts'
import { makeDeliveries } from './registry/deliveries.ts'
import { makePipelineMetadata } from './registry/pipeline-metadata.ts'
import { makeProjectArtifacts } from './registry/project-artifacts.ts'
import { makeProjectVariables } from './registry/project-variables.ts'
import { makePushes } from './registry/pushes.ts'
import { makeResourceGroups } from './registry/resource-groups.ts'
import { makeSchedules } from './registry/schedules.ts'
import { makeTriggers } from './registry/triggers.ts'
import { makeUsers } from './registry/users.ts'
import { makeEnvironments } from './environments/stop.ts'
import { makeReports } from './reports/reports.ts'
import { makeSweeper } from './sweep.ts'
import { takeOver } from './take-over.ts'
import { makeTicker } from './tick.ts'
import { makeVerbs } from './verbs.ts'

/** Most runs are over by then and need no room kept. */
const KEEP_ROOM_AFTER_MS = 200

/** Joins the verbs around one store. Call `recover` before anything is accepted and `stop` before the store is closed. */
export function createEngine(options: EngineOptions): Engine {
  const { store, clock } = options
  const announcements = makeAnnouncements((error) => options.notice(`a listener failed: ${String(error)}`))
  const live = livePipelines(store, options.processId, () => clock.now(), announcements.announce)
  let cancelKeep = (): void => {}
  const room = makeRoom(store.stateDir, clock, (text) => options.notice(text))
  const context: EngineContext = { ...options, live, room, crowd: makeCrowd(options) }
  const precedence = makePrecedence(clock)
  const coordinator = makeCoordinator(context, announcements.announce, precedence.turn)
  const ticker = makeTicker(context, makeForeignChanges(context, announcements.announce), coordinator.holds)
  const verbs = makeVerbs(context, coordinator)
  const environments = makeEnvironments(context, verbs)
  const sweeper = makeSweeper(context, environments)
  const deliveries = makeDeliveries(context)
  announcements.on((event) => {
    if (event.type !== 'job') return
    if (event.to === 'scheduled') ticker.look()
    if (event.to === 'success') sweeper.look()
    if (event.to === 'canceling') coordinator.endJobs([event.jobId])
  })

  async function advance(pipelineId: number): Promise<void> {
    try {
      const made = store.pipelines.find(pipelineId)
      if (made && made.finishedAt !== null && store.jobs.filesOf(pipelineId).length === 0) {
        // Nothing to do from the start: `[skip ci]`.
        const { projectId, status } = made
        announcements.announce([{ type: 'pipeline', pipelineId, projectId, from: 'created', to: status }])
        return
      }
      // First, so that a pipeline that has moved at all has also ended what it replaces, whenever the process dies.
      await cancelRedundant(context, pipelineId).catch((error: unknown) =>
        options.notice(`pipeline ${pipelineId} leaves older ones alone: ${String(error)}`),
      )
      await room.make(`pipeline ${pipelineId}`, () => live.apply(pipelineId, 'normal', []))
    } catch (error) {
      options.notice(`pipeline ${pipelineId} stands still: ${String(error)}`)
    }
  }

  async function create(command: CreatePipelineCommand): Promise<CreatePipelineResult> {
    const result = await precedence.answer(async () => {
      const made = await createPipeline(context, command)
      // Many requests wait for one flush of the disk together, and none of them is answered before it.
      if (made.kind !== 'refused') await store.synced()
      return made
    })
    if (command.request && result.kind !== 'refused') deliveries.noted()
    // The caller answers first, with a pipeline that is still `created` as on GitLab; should the process die
    // before this runs, recovery does the same from the rows.
    if (result.kind === 'created') setImmediate(() => void advance(result.pipelineId))
    return result
  }

  const bridges = makeBridges({ context, events: announcements, announce: announcements.announce, create })

  return {
    create,
    preview: (command) => precedence.answer(() => previewPipeline(context, command)),
    triggers: makeTriggers(context),
    users: makeUsers(context),
    accessTokens: makeAccessTokens(context),
    deliveries,
    verbs,
    environments,
    reports: makeReports(context),
    schedules: makeSchedules(context, create),
    pushes: makePushes(context, create),
    pipelineMetadata: makePipelineMetadata(context),
    projectVariables: makeProjectVariables(context),
    projectArtifacts: makeProjectArtifacts(context),
    commitStatuses: makeCommitStatuses(context),
    resourceGroups: makeResourceGroups(context),
    cancel(pipelineId) {
      takeOver(context, pipelineId)
      cancelPipeline(context, pipelineId)
    },
    async settled(pipelineId) {
      await familySettled(context, announcements, pipelineId)
      const pipeline = store.pipelines.find(pipelineId)
      if (!pipeline) throw new Error(`there is no pipeline ${pipelineId}`)
      return pipeline
    },
    provenance: (pipelineId, mayRead) => provenanceOf(store, pipelineId, mayRead),
    recordRefusal: (request, answer) => deliveries.record(request, { ...answer, pipelineId: null }),
    prune: (limits) => prunePipelines(store, limits),
    recover(kind) {
      for (const pipelineId of recover(context, kind)) void advance(pipelineId)
      bridges.recover()
      ticker.look()
      ticker.start()
      if (kind === 'serve') {
        room.keep()
        deliveries.start()
        sweeper.start()
        return
      }
      void sweeper.once()
      cancelKeep = clock.after(KEEP_ROOM_AFTER_MS, () => room.keep())
    },
    stop() {
      ticker.stop()
      sweeper.stop()
      bridges.stop()
      deliveries.stop()
      cancelKeep()
      room.release()
    },
    coordinator,
    events: announcements,
  }
}
