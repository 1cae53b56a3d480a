import { startProgram } from '../platform/start-program.ts'
import type { CommandContext } from './context.ts'
import { done, field, withDaemon, type RemoteFlags } from './daemon/command.ts'

export interface OpenFlags extends RemoteFlags {
  readonly browser: boolean
}

/** `sluice open`: prints a link that logs one browser in, once, and opens it where there is a screen. */
export function openCommand(flags: OpenFlags, context: CommandContext): Promise<number> {
  return withDaemon(flags, context, async (client) => {
    const made = await client.call('/-/login_links', { root: '', method: 'POST' })
    if (!made.ok) return made
    const url = field(made.value.body, 'url')
    const opener = flags.browser ? openerOf(context.env) : undefined
    const opened = opener !== undefined && (await startProgram(opener, [url]))
    return done(context, flags, { schema: 1, url, opened }, `${url}\n`)
  })
}

/** What opens an address here; undefined where nobody would see it. */
function openerOf(env: NodeJS.ProcessEnv): string | undefined {
  if (process.platform === 'darwin') return 'open'
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? 'xdg-open' : undefined
}
