import type { SandboxPolicy } from '../../model/isolation.ts'

/**
 * Which setting would have let a failed script do what the sandbox refused, judged by the last that it printed; null when nothing points to the
 * sandbox. `limit`: a setting whose limit the script has met.
 */
export function sandboxHint(
  policy: SandboxPolicy | undefined,
  output: string,
  limit: string | null,
): string | null {
  if (limit !== null) return `the job was ended at its limit; a higher "${limit}" would allow more`
  if (policy === undefined) return null
  return SIGNS.find(({ when, sign }) => (when?.(policy) ?? true) && sign.test(output))?.hint(policy) ?? null
}

interface Sign {
  readonly sign: RegExp
  readonly when?: (policy: SandboxPolicy) => boolean
  readonly hint: (policy: SandboxPolicy) => string
}

/** The more exact come first. */
const SIGNS: readonly Sign[] = [
  {
    sign: /no new privileges|must be setuid root|effective uid is not 0|setuid root\?/i,
    hint: () =>
      'no job becomes another user in the sandbox (sudo, su); "executor: shell" runs the jobs of a trusted project without one',
  },
  {
    sign: /cannot connect to the docker daemon|(?:docker|podman|containerd)\.sock/i,
    hint: () =>
      'sockets of this machine are hidden; "sandbox: {bind: [{path: /run/docker.sock, mode: rw}]}" would show this one, which makes a job as good as root',
  },
  {
    sign: /network is unreachable|could not resolve|temporary failure in name resolution|name or service not known|getaddrinfo|ENETUNREACH|EAI_AGAIN/i,
    when: ({ network }) => network === 'none',
    hint: () =>
      '"sandbox: {network: none}" keeps jobs off the network; "network: nat" or "network: host" would allow it',
  },
  {
    sign: /connection refused|ECONNREFUSED|couldn't connect to server/i,
    when: ({ network }) => network !== 'host',
    hint: ({ network }) =>
      `with "sandbox: {network: ${network}}" a job cannot reach services of this machine; "network: host" would allow it`,
  },
  {
    sign: /resource temporarily unavailable|cannot fork|can't start new thread|pthread_create|EAGAIN/i,
    when: ({ limits }) => limits.pids !== null,
    hint: ({ limits }) =>
      `the job may have ${limits.pids} processes; a higher "sandbox.limits.pids" would allow more`,
  },
  {
    sign: /out of memory|cannot allocate memory|ENOMEM|MemoryError|std::bad_alloc/i,
    when: ({ limits }) => limits.memory !== null,
    hint: () => 'the memory of the job is limited; a higher "sandbox.limits.memory" would allow more',
  },
  {
    sign: /read-only file system|EROFS/i,
    hint: () =>
      'jobs write only to their workspace, their home and /tmp; "sandbox: {bind: [{path: FOLDER, mode: rw}]}" would open a folder of this machine, "executor: shell" everything',
  },
  {
    sign: /ping: .*operation not permitted|raw socket|cap_net_raw/i,
    hint: () =>
      'no raw sockets in the sandbox; "executor: shell" runs the jobs of a trusted project without one',
  },
  {
    sign: /(?:\/\.ssh\/|\.aws\/|\.netrc|\.npmrc|\.docker\/config|\.kube\/)[^\n]*no such file|permission denied \(publickey/i,
    hint: () =>
      'keys and credentials of this machine are hidden; better give the job its own by a file variable, or show them with "sandbox: {bind: [PATH], allow_secrets: true}"',
  },
]
