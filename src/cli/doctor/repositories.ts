import { runGit } from '../../platform/git-command.ts'
import type { ProjectSettings, Settings } from '../../settings/settings.ts'
import { doubtful, typed, type Finding } from './finding.ts'

/** What of the configuration is left out when it is taken: mistakes of single entries, repositories that are not there. */
export function checkLeftOut({ leftOut }: Settings): Finding[] {
  return leftOut.diagnostics.map(({ code, message, help }) => {
    const check = code === 'config.missing_repository' ? 'repository' : 'configuration'
    return doubtful(check, message, help ?? 'correct it')
  })
}

/** Each served repository as git sees it; those that are sound are not named. */
export async function checkRepositories(projects: readonly ProjectSettings[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const project of projects) {
    const finding = await checkRepository(project)
    if (finding) findings.push(finding)
  }
  return findings
}

async function checkRepository({ name, path, kind }: ProjectSettings): Promise<Finding | undefined> {
  if (kind !== 'work-tree' && kind !== 'bare') return undefined
  const place = { kind: 'work-tree', folder: path } as const
  const asked = await runGit({ place, args: ['rev-parse', '--git-dir'] })
  if (asked.ok) return undefined
  const [said = ''] = asked.error.message.split('\n')
  const text = `${name}: ${path} cannot be opened: ${said}`
  if (said.includes('dubious ownership'))
    return doubtful('repository', text, `git config --global --add safe.directory ${typed(path)}`)
  return doubtful('repository', text, `look at it: git -C ${typed(path)} fsck`)
}
