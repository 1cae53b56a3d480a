import type { ProcessMode, ResourceGroup } from '../../store/resource-groups.ts'
import type { EngineContext } from '../context.ts'

/** Groups of jobs of which one runs at a time. They come to be with the first pipeline that has a job in them. */
export interface ResourceGroups {
  /**
   * Says who of those that wait is next from now on; whoever may start by that starts. Undefined when there is no such group in
   * the project.
   */
  setMode(projectId: number, key: string, mode: ProcessMode): ResourceGroup | undefined
}

export function makeResourceGroups({ store, clock, live }: EngineContext): ResourceGroups {
  return {
    setMode(projectId, key, mode) {
      const group = store.resourceGroups.find(projectId, key)
      if (!group) return undefined
      store.write('full', () => store.resourceGroups.setMode(group.id, mode, clock.now()))
      live.grant([{ projectId, key }])
      return store.resourceGroups.find(projectId, key)
    },
  }
}
