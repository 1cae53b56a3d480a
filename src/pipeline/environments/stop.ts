import { err, ok, type Result } from '../../shared/result.ts'
import type { EngineContext } from '../context.ts'
import type { VerbOptions, VerbRefusal, Verbs } from '../verbs.ts'

/** What a person may do with environments. */
export interface Environments {
  /**
   * Stops an environment: plays the `on_stop` jobs of its last deployment, or, where there are none (or with `force`), just says so.
   * Returns the ids of the jobs that were started.
   */
  stop(
    environmentId: number,
    options: VerbOptions & { readonly force?: boolean },
  ): Result<readonly number[], VerbRefusal>
  /** Forgets a stopped environment with its deployments. */
  remove(environmentId: number): Result<number, VerbRefusal>
  /** Changes what a person may change by hand. */
  update(
    environmentId: number,
    change: { readonly externalUrl?: string; readonly tier?: string },
  ): Result<number, VerbRefusal>
}

export function makeEnvironments({ store, clock }: EngineContext, verbs: Pick<Verbs, 'play'>): Environments {
  const unknown = (id: number): Result<never, VerbRefusal> =>
    err({ reason: 'not_found', message: `there is no environment ${id}` })

  return {
    stop(id, { force = false, ...options }) {
      const environment = store.environments.find(id)
      if (!environment) return unknown(id)
      if (environment.state !== 'available' && !force) return ok([])
      const jobs = force ? [] : stopJobs(id)
      store.write('full', () =>
        store.environments.setState(id, jobs.length > 0 ? 'stopping' : 'stopped', clock.now()),
      )
      const started = jobs.flatMap((jobId) => {
        const played = verbs.play(jobId, options)
        return played.ok ? [played.value] : []
      })
      // Nobody is left who would say that it has stopped.
      if (jobs.length > 0 && started.length === 0)
        store.write('full', () => store.environments.setState(id, 'stopped', clock.now()))
      return ok(started)
    },
    remove(id) {
      const environment = store.environments.find(id)
      if (!environment) return unknown(id)
      if (environment.state !== 'stopped')
        return err({ reason: 'in_progress', message: `environment ${environment.name} has not been stopped` })
      store.write('full', () => store.environments.remove(id))
      return ok(id)
    },
    update(id, { externalUrl, tier }) {
      const environment = store.environments.find(id)
      if (!environment) return unknown(id)
      store.write('full', () =>
        store.environments.edit(id, { externalUrl: externalUrl ?? null, tier: tier ?? null }, clock.now()),
      )
      return ok(id)
    },
  }

  /** GitLab: manual jobs only, the latest attempt of each. */
  function stopJobs(environmentId: number): number[] {
    return store.deployments.stopJobsOf(environmentId).flatMap(({ pipelineId, name }) => {
      const job = store.jobs.latestNamed(pipelineId, name)
      const when = job && store.jobs.headOf(job.id).when
      return job && (when === 'manual' || when === 'delayed') ? [job.id] : []
    })
  }
}
