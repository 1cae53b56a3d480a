import { existsSync, realpathSync } from 'node:fs'
import { basename } from 'node:path'
import type { SandboxBind, SandboxPolicy } from '../../model/isolation.ts'
import { isInside, type HostView } from './sandbox-mounts.ts'

// `sandbox.bind`: what jobs see of this machine beside the system.

/** bubblewrap arguments that show the paths, each where it really lies and under the name that was given. */
export function bindMounts(binds: readonly SandboxBind[], view: HostView): string[] {
  return binds.flatMap(({ path, writable }) => {
    const real = realPath(path)
    // A device bound otherwise cannot be opened.
    const kind = isInside(real, '/dev') ? '--dev-bind' : writable ? '--bind' : '--ro-bind'
    const named = path !== real && !view.shown.some((folder) => isInside(path, folder))
    return [kind, real, real, ...(named ? ['--symlink', real, path] : [])]
  })
}

/** Why a job cannot have what its project binds; null when it can. */
export function bindProblem({ binds, allowSecrets }: SandboxPolicy, hide: readonly string[]): string | null {
  if (binds.length === 0) return null
  const hidden = allowSecrets ? [] : hide.map(realPath)
  for (const { path } of binds) {
    if (!existsSync(path)) return `sandbox.bind: ${path} does not exist`
    if (hidden.some((folder) => isInside(realPath(path), folder)))
      return `sandbox.bind: ${path} lies where jobs may not look; "allow_secrets: true" would show it`
  }
  return null
}

/** What a person should know about the paths. */
export function bindNotices(binds: readonly SandboxBind[]): string[] {
  return binds.flatMap(({ path }) =>
    CONTAINER_SOCKETS.test(basename(path))
      ? [`sandbox.bind shows ${path}: through it a job can become root on this machine`]
      : [],
  )
}

const CONTAINER_SOCKETS = /^(docker|podman|containerd|crio|buildkitd)\.sock$/

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path // what is not there is reported before the job starts
  }
}
