import { whyRefused } from '../../platform/git-refusal.ts'
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
  const refusal = await whyRefused(path)
  if (!refusal) return undefined
  const text = `${name}: ${path} cannot be opened: ${refusal.reason}`
  return doubtful('repository', text, refusal.help ?? `look at it: git -C ${typed(path)} fsck`)
}
