import { closest } from '../../../shared/closest.ts'
import type { Store } from '../../../store/store.ts'
import type { ProjectDirectory } from '../../project-directory.ts'

/** Why no project has this name or number, in words for whoever runs Sluice. */
export function describeUnknownProject(projects: ProjectDirectory, ref: string): string {
  const shown = ref.slice(0, 255)
  const all = projects.all()
  const bare = all.find((project) => project.name.endsWith(`/${ref}`))
  if (bare)
    return `no project "${shown}"; a project is named by its number (${bare.id}) or its full path (${bare.name})`
  const near = /^\d+$/.test(ref)
    ? undefined
    : closest(
        ref,
        all.map((project) => project.name),
      )
  return near === undefined ? `no project "${shown}"` : `no project "${shown}"; "${near}" is close`
}

/** What a token is that no trigger and no job has. */
export function describeToken(store: Store, token: string): string {
  if (token.trim() === '') return 'the token is blank'
  if (store.accessTokens.findByToken(token) || token.startsWith('glpat-')) {
    return 'a personal access token was sent where a trigger token is needed'
  }
  if (/^(glrt-|GR1348941)/.test(token)) return 'a runner token was sent where a trigger token is needed'
  if (token.startsWith('glcbt-')) return 'no job has this job token'
  if (token !== token.trim() && store.triggers.findByToken(token.trim()))
    return 'the token has white space around it'
  return 'no trigger has this token'
}
