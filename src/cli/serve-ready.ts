import type { AccessTokenFile } from '../app/access-token.ts'
import type { Project } from '../model/project.ts'
import { durationText } from './words.ts'

export interface Ready {
  readonly version: string
  readonly seconds: number
  /** The address that was bound. */
  readonly url: string
  readonly externalUrl: string | null
  /** Works once. */
  readonly loginLink: string
  readonly projects: readonly Project[]
  /** `bubblewrap ×4`. */
  readonly runners: string
  readonly token: AccessTokenFile
}

/** What stands on stdout as soon as requests are answered, in a terminal and in a log alike. */
export function readyText({
  version,
  seconds,
  url,
  externalUrl,
  loginLink,
  projects,
  runners,
  token,
}: Ready): string {
  const [first] = projects
  const names = projects.map(({ name }) => name).join(', ')
  const rows: [string, string][] = [
    ['Web', `${url}/`],
    ...(externalUrl === null ? [] : [['External', `${externalUrl}/`] satisfies [string, string]]),
    ['Login', `${loginLink}   works once`],
    ...(first
      ? [
          ['Trigger', `POST ${externalUrl ?? url}/api/v4/projects/${first.id}/trigger/pipeline`] satisfies [
            string,
            string,
          ],
        ]
      : []),
    ['Projects', `${projects.length}${names === '' ? '' : ` (${names})`}   jobs: ${runners}`],
    [
      'Token',
      `${token.path}${token.isNew ? '   made now: the access token of root, for PRIVATE-TOKEN' : ''}`,
    ],
  ]
  const lines = rows.map(([label, text]) => `  ➜  ${label.padEnd(8)} ${text}`)
  return `\n  SLUICE ${version}   ready in ${durationText(seconds)}\n\n${lines.join('\n')}\n\n`
}
