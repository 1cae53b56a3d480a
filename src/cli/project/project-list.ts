import type { CommandContext } from '../context.ts'
import { done, field, withDaemon, type RemoteFlags } from '../daemon/command.ts'
import { tableText } from '../table.ts'

/** `sluice project list`: what the daemon serves, as far as the user may see it. */
export function projectList(flags: RemoteFlags, context: CommandContext): Promise<number> {
  return withDaemon(flags, context, async (client) => {
    const list = await client.list('/projects')
    if (!list.ok) return list
    const paths = new Map(client.daemon.projects.map(({ id, path }) => [String(id), path]))
    const projects = list.value.map((project) => ({
      id: Number(field(project, 'id')),
      name: field(project, 'path_with_namespace'),
      default_branch: field(project, 'default_branch'),
      // Known on the daemon's own machine only.
      path: paths.get(field(project, 'id')) ?? null,
      web_url: field(project, 'web_url'),
    }))
    const rows = projects.map(({ id, name, default_branch, path, web_url }) => [
      String(id),
      name,
      default_branch,
      path ?? '',
      web_url,
    ])
    const text =
      rows.length === 0
        ? 'the daemon serves no project; add one to its runner.config.yaml\n'
        : tableText(['ID', 'NAME', 'BRANCH', 'PATH', 'PAGE'], rows)
    return done(context, flags, { schema: 1, projects }, text)
  })
}
