import { dirname, resolve } from 'node:path'
import type { Result } from '../shared/result.ts'
import { byPosition } from '../shared/source-text.ts'
import type { YamlMapping } from '../yaml/node.ts'
import { readArtifactRules } from './artifacts.ts'
import { readBackup } from './backup.ts'
import { readByteSize, readCache } from './cache.ts'
import { readDocumentFile } from './document.ts'
import { withoutSecrets } from './hidden-secrets.ts'
import { readIncludes } from './includes.ts'
import { readLanguage } from './language.ts'
import { ALL_LIMITS, readLimits } from './limits.ts'
import { parseListen } from './listen.ts'
import { projectIds, readProjects } from './projects.ts'
import { complain, type Report } from './report.ts'
import { readRetention } from './retention.ts'
import { readIsolation } from './sandbox.ts'
import {
  defaultSettings,
  LOCAL_USERNAME,
  type ListenAddress,
  type Settings,
  type SettingsProblem,
} from './settings.ts'
import { optional, readFields, readText, readWholeNumber, type Place } from './shape.ts'
import { readTriggerDefaults } from './triggers.ts'
import { readUsers } from './users.ts'

const KEYS = [
  'listen',
  'external_url',
  'state',
  'builds_dir',
  'concurrency',
  'executor',
  'shell',
  'sandbox',
  'log_limit',
  'cache',
  'users',
  'projects',
  'triggers',
  'includes',
  'language',
  'limits',
  'artifacts',
  'retention',
  'backup',
  'log',
] as const

/**
 * Reads `runner.config.yaml`. Relative paths are relative to the file; `env` gives the values of `${NAME}` tokens. The error
 * holds every problem of the file, in order of position.
 */
export function readSettings(file: string, env: NodeJS.ProcessEnv): Result<Settings, SettingsProblem> {
  return readDocumentFile(file, (root, report) => ({
    ...(root ? readTop(report, file, root, env) : { ...defaultSettings(), file: resolve(file) }),
    leftOut: { diagnostics: report.leftOut.toSorted(byPosition), sources: withoutSecrets(report.sources) },
  }))
}

function readTop(
  report: Report,
  file: string,
  root: YamlMapping,
  env: NodeJS.ProcessEnv,
): Omit<Settings, 'leftOut'> {
  const fields = readFields(report, { node: root, path: '' }, KEYS) ?? {}
  const defaults = defaultSettings()
  const folder = dirname(resolve(file))
  const readPath = (_: Report, place: Place): string | undefined => {
    const text = readText(report, place)
    return text === undefined ? undefined : resolve(folder, text)
  }
  const users = readUsers(report, fields.users, projectIds(fields.projects))
  const isolation = readIsolation(report, fields, defaults.isolation, (text) => resolve(folder, text))
  const retention = optional(report, fields.retention, defaults.retention, (_, place) =>
    readRetention(report, place, defaults.retention),
  )
  const secretFiles = new Set<string>()
  const usernames = [...new Set([LOCAL_USERNAME, ...users.map((user) => user.username)])]
  return {
    file: resolve(file),
    listen: optional(report, fields.listen, defaults.listen, readListen),
    externalUrl: optional(report, fields.external_url, null, readUrl),
    state: optional(report, fields.state, null, readPath),
    buildsDir: optional(report, fields.builds_dir, null, readPath),
    concurrency: optional(report, fields.concurrency, defaults.concurrency, (_, place) =>
      readWholeNumber(report, place, 1),
    ),
    isolation,
    logLimit: optional(report, fields.log_limit, defaults.logLimit, readByteSize),
    cache: optional(report, fields.cache, defaults.cache, (_, place) => readCache(report, place, readPath)),
    users,
    projects: readProjects(report, fields.projects, {
      env,
      resolve: (text) => resolve(folder, text),
      isolation,
      retention,
      triggerVariables: optional(report, fields.triggers, 'any', readTriggerDefaults),
      usernames,
      seen: new Map(),
      noteFile: (path) => secretFiles.add(path),
    }),
    secretFiles: [...secretFiles],
    includes: optional(report, fields.includes, defaults.includes, (_, place) =>
      readIncludes(report, place, (text) => resolve(folder, text)),
    ),
    limits: optional(report, fields.limits, ALL_LIMITS, readLimits),
    artifacts: optional(report, fields.artifacts, defaults.artifacts, readArtifactRules),
    retention,
    backup: optional(report, fields.backup, null, (_, place) => readBackup(report, place, readPath)),
    log: optional(report, fields.log, null, readPath),
    language: optional(report, fields.language, defaults.language, readLanguage),
  }
}

function readListen(report: Report, place: Place): ListenAddress | undefined {
  const text = readText(report, place)
  if (text === undefined) return undefined
  const address = parseListen(text)
  if (address.ok) return address.value
  return complain(report, place.node.span, {
    code: 'invalid_listen',
    message: `listen: ${address.error}`,
    help: 'HOST:PORT, for example 127.0.0.1:8929 or [::1]:8929; port 0 takes a free one',
  })
}

function readUrl(report: Report, place: Place): string | undefined {
  const text = readText(report, place)
  if (text === undefined) return undefined
  const isUrl = URL.canParse(text) && /^https?:\/\//.test(text)
  if (isUrl) return text.replace(/\/+$/, '')
  return complain(report, place.node.span, {
    code: 'invalid_url',
    message: `external_url "${text}" is not an http or https address`,
  })
}
