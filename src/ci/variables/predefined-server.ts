import { variable, type Variable } from '../../model/variable.ts'

export interface ServerFacts {
  /** External address without a trailing slash. */
  readonly url: string
  /** The GitLab version that is emulated: `18.5.0`. */
  readonly version: string
}

/**
 * Variables of the server itself. `CI_SERVER_TLS_*`, FIPS, registries and dependency proxies stay undefined.
 */
export function serverVariables(server: ServerFacts): Variable[] {
  const { protocol, hostname, port } = new URL(server.url)
  const scheme = protocol.slice(0, -1)
  const number = port === '' ? (scheme === 'https' ? '443' : '80') : port
  const [major = '', minor = '', patch = ''] = server.version.split(/[.+-]/)
  return Object.entries({
    CI: 'true',
    GITLAB_CI: 'true',
    GITLAB_FEATURES: '',
    CI_SERVER_FQDN: port === '' ? hostname : `${hostname}:${port}`,
    CI_SERVER_URL: server.url,
    CI_SERVER_HOST: hostname,
    CI_SERVER_PORT: number,
    CI_SERVER_PROTOCOL: scheme,
    CI_SERVER_SHELL_SSH_HOST: hostname,
    CI_SERVER_SHELL_SSH_PORT: '22',
    CI_SERVER_NAME: 'GitLab',
    CI_SERVER_VERSION: server.version,
    CI_SERVER_VERSION_MAJOR: major,
    CI_SERVER_VERSION_MINOR: minor,
    CI_SERVER_VERSION_PATCH: patch,
    CI_SERVER_REVISION: 'sluice',
    CI_API_V4_URL: `${server.url}/api/v4`,
    CI_API_GRAPHQL_URL: `${server.url}/api/graphql`,
    CI_TEMPLATE_REGISTRY_HOST: 'registry.gitlab.com',
  }).map(([key, value]) => variable(key, value, 'predefined'))
}
