import type { AccessTokenFile } from '../app/access-token.ts'
import type { Schedule } from '../model/schedule.ts'
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
  readonly schedules: { readonly count: number; readonly next: Schedule | undefined }
  /** Milliseconds since the epoch. */
  readonly now: number
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
  schedules,
  now,
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
    [
      'Projects',
      `${projects.length}${names === '' ? '' : ` (${names})`}   ${schedulesText(schedules, now)}jobs: ${runners}`,
    ],
    [
      'Token',
      `${token.path}${token.isNew ? '   made now: the access token of root, for PRIVATE-TOKEN' : ''}`,
    ],
  ]
  const lines = rows.map(([label, text]) => `  ➜  ${label.padEnd(8)} ${text}`)
  return `\n  SLUICE ${version}   ready in ${durationText(seconds)}\n\n${lines.join('\n')}\n\n`
}

/** `schedules 3, next: nightly in 4h 12m   `, or nothing. */
function schedulesText({ count, next }: Ready['schedules'], now: number): string {
  if (count === 0) return ''
  const at = next?.nextRunAt ?? null
  const when = next && at !== null ? `, next: ${next.description} in ${waitText(at - now)}` : ''
  return `schedules ${count}${when}   `
}

function waitText(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  if (days > 0) return `${days}d ${hours}h`
  return hours > 0 ? `${hours}h ${minutes % 60}m` : `${minutes}m`
}
