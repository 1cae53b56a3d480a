import { splitProjectName, type Project } from '../../../model/project.ts'
import { isoTime } from '../../times.ts'

/** What an entity says beyond the project itself. */
export interface ProjectFacts {
  readonly externalUrl: string
  /** Namespaces have no rows of their own: one is numbered after its first project. */
  readonly namespaceId: number
}

/** What GitLab gives with `simple=true`. */
export function basicProjectEntity(project: Project, { externalUrl, namespaceId }: ProjectFacts) {
  const { namespace, name, rootNamespace } = splitProjectName(project.name)
  const webUrl = `${externalUrl}/${project.name}`
  return {
    id: project.id,
    description: null,
    name,
    name_with_namespace: project.name.split('/').join(' / '),
    path: name,
    path_with_namespace: project.name,
    created_at: isoTime(project.createdAt),
    default_branch: project.defaultBranch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: project.repository,
    http_url_to_repo: `${webUrl}.git`,
    web_url: webUrl,
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: isoTime(project.createdAt),
    namespace: {
      id: namespaceId,
      name: namespace.split('/').at(-1) ?? rootNamespace,
      path: namespace.split('/').at(-1) ?? rootNamespace,
      kind: 'group',
      full_path: namespace,
      parent_id: null,
      avatar_url: null,
      web_url: `${externalUrl}/groups/${namespace}`,
    },
  }
}

export function projectEntity(project: Project, facts: ProjectFacts) {
  return {
    ...basicProjectEntity(project, facts),
    visibility: 'private',
    archived: false,
    empty_repo: false,
    builds_access_level: 'enabled',
    jobs_enabled: true,
    ci_config_path: project.configPath,
    permissions: { project_access: null, group_access: null },
  }
}
