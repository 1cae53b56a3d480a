import type { Project } from '../model/project.ts'
import type { ProjectVariable } from '../model/variable.ts'
import type { Store } from '../store/store.ts'

/**
 * The project with the variables that are kept in the state folder beside those that its configuration declares. They are read
 * when they are asked for, so that a change counts from the next pipeline on. Of one name and scope the declared one holds.
 */
export function withStoredVariables(
  project: Project,
  { projectVariables }: Pick<Store, 'projectVariables'>,
): Project {
  const declared = project.variables
  const names = new Set(declared.map(nameOf))
  return {
    ...project,
    get variables() {
      const stored = projectVariables.ofProject(project.id).filter((variable) => !names.has(nameOf(variable)))
      return stored.length === 0 ? declared : [...declared, ...stored]
    },
  }
}

function nameOf({ key, environmentScope }: ProjectVariable): string {
  return `${key} ${environmentScope}`
}
