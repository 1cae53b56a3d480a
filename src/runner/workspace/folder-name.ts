import type { JobPayload } from '../../model/payload.ts'

/** The name of the project folder: a shell script may take it apart with `basename`. */
export function projectFolderName(payload: JobPayload): string {
  const name = payload.job_info.project_full_path.split('/').at(-1) ?? ''
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) &&
    !/\.(git|tmp)$/.test(name) &&
    name !== 'git' &&
    name !== 'trash' &&
    name !== 'at' &&
    !name.startsWith('lock')
    ? name
    : 'project'
}
