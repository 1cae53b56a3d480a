import { makeAnnouncements } from './announcements.ts'
import { cancelPipeline } from './cancel.ts'
import type { EngineContext, EngineOptions } from './context.ts'
import { makeCoordinator } from './coordinator.ts'
import { createPipeline } from './create.ts'
import type { Engine } from './engine.ts'
import { livePipelines } from './live.ts'
import { provenanceOf } from './provenance.ts'
import { prunePipelines } from './prune.ts'
import { recover } from './recover.ts'
import { makeRoom } from './room.ts'
import { makePrecedence } from './precedence.ts'
import { settled } from './settled.ts'
import { makeTicker } from './tick.ts'

/** Joins the verbs around one store. Call `recover` before anything is accepted and `stop` before the store is closed. */
export function createEngine(options: EngineOptions): Engine {
  const { store, clock } = options
  const announcements = makeAnnouncements((error) => options.notice(`a listener failed: ${String(error)}`))
  const live = livePipelines(store, () => clock.now(), announcements.announce)
  const room = makeRoom(store.stateDir, clock, (text) => options.notice(text))
  const context: EngineContext = { ...options, live, room }
  const precedence = makePrecedence(clock)
  const coordinator = makeCoordinator(context, announcements.announce, precedence.turn)
  const ticker = makeTicker(context)
  announcements.on((event) => {
    if (event.type === 'job' && event.to === 'scheduled') ticker.look()
  })

  async function advance(pipelineId: number): Promise<void> {
    try {
      await room.make(`pipeline ${pipelineId}`, () => live.apply(pipelineId, 'normal', []))
    } catch (error) {
      options.notice(`pipeline ${pipelineId} stands still: ${String(error)}`)
    }
  }

  return {
    async create(command) {
      const result = await precedence.answer(() => createPipeline(context, command))
      // The caller answers first, with a pipeline that is still `created` as on GitLab; should the process die
      // before this runs, recovery does the same from the rows.
      if (result.kind === 'created') setImmediate(() => void advance(result.pipelineId))
      return result
    },
    cancel: (pipelineId) => coordinator.endJobs(cancelPipeline(context, pipelineId)),
    async settled(pipelineId) {
      await settled(store, announcements, pipelineId)
      const pipeline = store.pipelines.find(pipelineId)
      if (!pipeline) throw new Error(`there is no pipeline ${pipelineId}`)
      return pipeline
    },
    provenance: (pipelineId) => provenanceOf(store, pipelineId),
    recordRefusal: (request, answer) =>
      store.write('normal', () => store.triggerRequests.add({ ...request, ...answer, pipelineId: null })),
    prune: (limits) => prunePipelines(store, limits),
    recover(kind) {
      recover(context, kind)
      ticker.look()
      if (kind === 'serve') room.keep()
    },
    stop() {
      ticker.stop()
      room.release()
    },
    coordinator,
    events: announcements,
  }
}
