import { splitProjectName, type Project } from '../../model/project.ts'
import { variable, type Variable } from '../../model/variable.ts'
import { slugify } from '../../shared/slug.ts'
import type { ServerFacts } from './predefined-server.ts'

/** Variables of the project. */
export function projectVariables(
  project: Pick<Project, 'id' | 'name' | 'defaultBranch' | 'configPath'>,
  server: ServerFacts,
): Variable[] {
  const { namespace, name, rootNamespace } = splitProjectName(project.name)
  const { hostname, port } = new URL(server.url)
  const pagesHost = `${rootNamespace === '' ? name : rootNamespace}.${hostname}`
  return Object.entries({
    CI_PROJECT_ID: String(project.id),
    CI_PROJECT_NAME: name,
    CI_PROJECT_TITLE: name,
    CI_PROJECT_DESCRIPTION: '',
    CI_PROJECT_TOPICS: '',
    CI_PROJECT_PATH: project.name,
    CI_PROJECT_PATH_SLUG: slugify(project.name),
    CI_PROJECT_NAMESPACE: namespace,
    CI_PROJECT_NAMESPACE_SLUG: slugify(namespace),
    CI_PROJECT_NAMESPACE_ID: String(project.id),
    CI_PROJECT_ROOT_NAMESPACE: rootNamespace,
    CI_PROJECT_URL: `${server.url}/${project.name}`,
    CI_PROJECT_VISIBILITY: 'private',
    CI_PROJECT_REPOSITORY_LANGUAGES: '',
    CI_PROJECT_CLASSIFICATION_LABEL: '',
    CI_DEFAULT_BRANCH: project.defaultBranch,
    CI_DEFAULT_BRANCH_SLUG: slugify(project.defaultBranch),
    CI_CONFIG_PATH: project.configPath,
    CI_PAGES_DOMAIN: hostname,
    CI_PAGES_HOSTNAME: pagesHost,
    CI_PAGES_URL: `http://${pagesHost}${port === '' ? '' : `:${port}`}/${name}`,
  }).map(([key, value]) => variable(key, value, 'predefined'))
}
