import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { ArtifactsPlan } from '../../model/plan.ts'
import { configError, entryError, type Report, under } from '../report.ts'
import * as texts from '../texts.ts'
import { checkKeys } from './keys.ts'
import { child, isMapping } from './nodes.ts'
import { readReports } from './reports.ts'
import { readFlag, readStrings, readText, readWord, secondsOf } from './scalars.ts'

const KEYS = [
  'name',
  'untracked',
  'paths',
  'reports',
  'when',
  'expire_in',
  'expose_as',
  'exclude',
  'public',
  'access',
]
const WHENS = ['on_success', 'on_failure', 'always'] as const
const ACCESS = ['none', 'developer', 'maintainer', 'all'] as const

/** `artifacts`. `expose_as`, `public` and `access` say who sees them on GitLab; they have no effect here. */
export function readArtifacts(node: YamlNode, report: Report): ArtifactsPlan | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkArtifactKeys(node, report)
  const paths = readStrings(child(node, 'paths'), 'paths', report) ?? []
  const exposeAs = readExposure(node, paths, report)
  const access = readAccess(node, report)
  const written = child(node, 'reports')
  const reports = written && readReports(written, under(report, 'reports'))
  return {
    name: readText(child(node, 'name'), 'name', report) ?? null,
    paths,
    exclude: readStrings(child(node, 'exclude'), 'exclude', report) ?? [],
    untracked: readFlag(child(node, 'untracked'), 'untracked', report) ?? false,
    when: readWord(child(node, 'when'), 'when', WHENS, report) ?? 'on_success',
    expireIn: readExpiry(child(node, 'expire_in'), report) ?? null,
    ...(reports === undefined ? {} : { reports }),
    ...(exposeAs === undefined ? {} : { exposeAs }),
    ...(access === undefined ? {} : { access }),
  }
}

function checkArtifactKeys(node: YamlMapping, report: Report): void {
  checkKeys(node, KEYS, report)
  const open = child(node, 'public')
  if (child(node, 'access') !== undefined && open !== undefined) {
    configError(report, open.span, texts.notTogether(['access', 'public']))
  }
}

/** As written, because it is stored and shown as written: `1 week`, `never`. */
function readExpiry(node: YamlNode | undefined, report: Report): string | undefined {
  if (node === undefined) return undefined
  if (node.kind === 'scalar' && (node.value === 'never' || secondsOf(node) !== undefined)) return node.text
  return entryError(report, node.span, 'expire_in', texts.notADuration)
}

/** `public` is the older word: true is for all, false for those who develop. */
function readAccess(node: YamlMapping, report: Report): (typeof ACCESS)[number] | undefined {
  const open = readFlag(child(node, 'public'), 'public', report)
  const access = readWord(child(node, 'access'), 'access', ACCESS, report)
  return access ?? (open === undefined ? undefined : open ? 'all' : 'developer')
}

function readExposure(node: YamlMapping, paths: readonly string[], report: Report): string | undefined {
  const exposed = child(node, 'expose_as')
  const name = readText(exposed, 'expose_as', report)
  if (exposed === undefined || name === undefined) return undefined
  if (name.length > 100) entryError(report, exposed.span, 'expose_as', texts.tooLong(100))
  if (!/^[a-zA-Z0-9_ -]*$/.test(name)) entryError(report, exposed.span, 'expose_as', texts.badExposedName)
  if (paths.length === 0) entryError(report, exposed.span, 'paths', texts.blank)
  if (paths.some((path) => path.includes('*'))) {
    entryError(report, child(node, 'paths')?.span ?? node.span, 'paths', texts.globInExposedPaths)
  }
  return name
}
