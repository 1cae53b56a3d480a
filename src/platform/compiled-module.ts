// Loads a file of the bundle with V8's compiled code from an earlier run: compiling costs 20 to 30 ms of each `sluice run`.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { cacheFolderOf } from './xdg.ts'

type Body = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  fileName: string,
  fileUrl: string,
) => void

const loaded = new Map<string, object>()

/**
 * The exports of a CommonJS file beside the program. What was compiled is kept in `$XDG_CACHE_HOME/sluice/`, by the file's time and
 * size and this Node's version; V8 refuses what does not fit, and a folder that cannot be read or written only costs the time.
 */
export function loadCompiled(file: string, env: NodeJS.ProcessEnv): object {
  const known = loaded.get(file)
  if (known) return known
  const kept = keptCode(file, env)
  const script = new Script(
    `(function (exports, require, module, __filename, __fileUrl) {${readFileSync(file, 'utf8')}\n})`,
    {
      filename: file,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(kept.code ? { cachedData: kept.code } : {}),
    },
  )
  const module = { exports: {} }
  const body = script.runInThisContext() as Body
  body(module.exports, createRequire(file), module, file, pathToFileURL(file).href)
  loaded.set(file, module.exports)
  // At the end more is compiled than at the beginning, and that is what the next run needs.
  if (!kept.code || script.cachedDataRejected === true) process.once('exit', () => keep(kept.path, script))
  return module.exports
}

function keptCode(
  file: string,
  env: NodeJS.ProcessEnv,
): { readonly path: string; readonly code: Buffer | undefined } {
  const { mtimeMs, size } = statSync(file)
  const key = [
    basename(file),
    Math.round(mtimeMs).toString(36),
    size.toString(36),
    process.version,
    process.arch,
  ].join('.')
  const path = join(cacheFolderOf(dirname(file), env), 'code', key)
  try {
    return { path, code: readFileSync(path) }
  } catch {
    return { path, code: undefined }
  }
}

function keep(path: string, script: Script): void {
  const folder = dirname(path)
  const next = `${path}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(next, script.createCachedData(), { mode: 0o600 })
    const [name = ''] = basename(path).split('.')
    for (const other of readdirSync(folder))
      if (other.startsWith(`${name}.`) && !next.endsWith(other)) rmSync(join(folder, other), { force: true })
    renameSync(next, path)
  } catch {
    discard(next)
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Where nothing can be written, nothing is left.
  }
}
