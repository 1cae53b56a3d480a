import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openTextStore, type TextStore } from '../platform/text-store.ts'
import { cacheHome } from '../platform/xdg.ts'
import type { CommandContext } from './context.ts'

/** What `list` and `lint` said about large files: `$XDG_CACHE_HOME/sluice/configs`. */
export function answerStore({ env }: Pick<CommandContext, 'env'>): TextStore {
  return openTextStore(join(cacheHome(env), 'sluice', 'configs'))
}

/** Tells builds apart, also those of one version. */
export function buildOf({ version, entry }: Pick<CommandContext, 'version' | 'entry'>): string {
  return `${version} ${statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? ''}`
}
