/** Whether git would take an address for a folder of this machine. */
export function isLocal(url: string): boolean {
  return url.startsWith('/') || url.startsWith('file://')
}

export function withoutGit(path: string): string {
  return path.replace(/\/+$/, '').replace(/\.git$/, '')
}

/** git's settings for `GIT_SUBMODULE_FORCE_HTTPS`: addresses of the remote's host by ssh are read as https ones. */
export function httpsSettings(remote: string | undefined): string[] {
  const host = remote === undefined ? undefined : hostOf(remote)
  if (host === undefined) return []
  const name = host.replace(/:\d+$/, '')
  return [`git@${name}:`, `ssh://git@${host}/`, `ssh://git@${name}/`, `git://${name}/`].map(
    (written) => `url.https://${name}/.insteadOf=${written}`,
  )
}

/** Of `https://user@host:1/x`, `ssh://git@host/x` and `git@host:x`. */
function hostOf(url: string): string | undefined {
  const [, host] =
    /^[a-z+]+:\/\/(?:[^@/]*@)?([^/]+)/i.exec(url) ?? /^(?:[^@/]+@)?([^:/]+):(?!\/\/)/.exec(url) ?? []
  return host
}
