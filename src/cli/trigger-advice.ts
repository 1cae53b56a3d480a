import type { App } from '../app.ts'
import type { Settings } from '../settings/settings.ts'

/** What whoever starts the daemon should know of its triggers: who runs as nobody, and what callers from elsewhere may set. */
export function triggerAdvice(
  { store, projects }: Pick<App, 'store' | 'projects'>,
  settings: Pick<Settings, 'projects'>,
  loopback: boolean,
): readonly string[] {
  const served = new Map(projects.all().map(({ id, name }) => [id, name]))
  const legacy = store.triggers.legacy().flatMap((trigger) => {
    const project = served.get(trigger.projectId)
    return project === undefined
      ? []
      : [
          `trigger "${trigger.description}" (${trigger.shortToken}) of ${project} has no owner: it runs as nobody and reaches no other project; take ownership of it, or give it an owner in the configuration`,
        ]
  })
  const open = loopback ? [] : settings.projects.filter(({ triggerVariables }) => triggerVariables === 'any')
  const [first] = open
  if (!first) return legacy
  const names = open.map(({ name }) => name).join(', ')
  return [
    ...legacy,
    `callers of triggers may set any variable in ${names}; \`triggers: { variables: safe }\` keeps them from those that a shell or a tool obeys`,
  ]
}
