import { statSync } from 'node:fs'
import { complain, type Report } from './report.ts'
import type { IncludeSettings } from './settings.ts'
import { optional, readFields, readMapping, readText, type Place } from './shape.ts'

const KEYS = ['projects', 'remote', 'templates', 'cache'] as const

/** `includes:`, where the files of `include` come from that lie in no served project. `resolve` makes a path absolute. */
export function readIncludes(
  report: Report,
  place: Place,
  resolve: (text: string) => string,
): IncludeSettings | undefined {
  const fields = readFields(report, place, KEYS)
  if (!fields) return undefined
  const folder = (_: Report, at: Place): string | undefined => readFolder(report, at, resolve)
  return {
    projects: readFolders(report, fields.projects, resolve, checkProject),
    remote: readFolders(report, fields.remote, resolve, checkHost),
    templates: optional(report, fields.templates, null, folder),
    // It may be filled later.
    cache: optional(report, fields.cache, null, (_, at) => {
      const text = readText(report, at)
      return text === undefined ? undefined : resolve(text)
    }),
  }
}

function readFolders(
  report: Report,
  place: Place | undefined,
  resolve: (text: string) => string,
  check: (name: string) => string | undefined,
): ReadonlyMap<string, string> {
  const folders = new Map<string, string>()
  const mapping = optional(report, place, undefined, readMapping)
  if (!place || !mapping) return folders
  for (const { key, value } of mapping.entries.values()) {
    const problem = check(key.text)
    if (problem !== undefined) {
      complain(report, key.span, { code: 'invalid_name', message: `${place.path} "${key.text}" ${problem}` })
      continue
    }
    const path = readFolder(report, { node: value, path: `${place.path}.${key.text}` }, resolve)
    // GitLab's paths and host names know no upper and lower case.
    if (path !== undefined) folders.set(key.text.toLowerCase(), path)
  }
  return folders
}

function checkProject(name: string): string | undefined {
  return /^\w[\w.-]*(?:\/\w[\w.-]*)+$/.test(name) ? undefined : 'is not of the form namespace/project'
}

function checkHost(name: string): string | undefined {
  return /^[\w.-]+(?::\d+)?$/.test(name)
    ? undefined
    : 'is not a host name: write it without "https://" and without a path'
}

function readFolder(report: Report, place: Place, resolve: (text: string) => string): string | undefined {
  const text = readText(report, place)
  if (text === undefined) return undefined
  const path = resolve(text)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  return complain(report, place.node.span, {
    code: 'missing_folder',
    message: `${place.path} ${path} is not a folder`,
    help: 'a folder, or for a project also a git repository, relative to this file',
  })
}
