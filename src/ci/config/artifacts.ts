import type { YamlMapping, YamlNode } from '../../yaml/node.ts'
import type { ArtifactsPlan } from '../../model/plan.ts'
import { configError, entryError, type Report } from '../report.ts'
import * as texts from '../texts.ts'
import { reportUnknown } from './keys.ts'
import { child, entriesBeyond, isMapping } from './nodes.ts'
import { readFlag, readStrings, readText, readWord, secondsOf } from './scalars.ts'
import { reportUnsupported, UNSUPPORTED_ARTIFACTS } from './unsupported.ts'

const KEYS = ['name', 'untracked', 'paths', 'when', 'expire_in', 'expose_as', 'exclude', 'public', 'access']
const WHENS = ['on_success', 'on_failure', 'always'] as const
const ACCESS = ['none', 'developer', 'maintainer', 'all'] as const

/**
 * `artifacts`. `expose_as`, `public` and `access` say who sees them on GitLab; they are checked and have no
 * effect here.
 */
export function readArtifacts(node: YamlNode, report: Report): ArtifactsPlan | undefined {
  if (!isMapping(node)) return configError(report, node.span, texts.notAHash)
  checkArtifactKeys(node, report)
  const paths = readStrings(child(node, 'paths'), 'paths', report) ?? []
  checkExposure(node, paths, report)
  return {
    name: readText(child(node, 'name'), 'name', report) ?? null,
    paths,
    exclude: readStrings(child(node, 'exclude'), 'exclude', report) ?? [],
    untracked: readFlag(child(node, 'untracked'), 'untracked', report) ?? false,
    when: readWord(child(node, 'when'), 'when', WHENS, report) ?? 'on_success',
    expireIn: readExpiry(child(node, 'expire_in'), report) ?? null,
  }
}

function checkArtifactKeys(node: YamlMapping, report: Report): void {
  const beyond = entriesBeyond(node, (key) => KEYS.includes(key))
  reportUnsupported(beyond, UNSUPPORTED_ARTIFACTS, report)
  reportUnknown(
    beyond.filter((entry) => !UNSUPPORTED_ARTIFACTS.includes(entry.key.text)),
    KEYS,
    report,
  )
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

function checkExposure(node: YamlMapping, paths: readonly string[], report: Report): void {
  readFlag(child(node, 'public'), 'public', report)
  readWord(child(node, 'access'), 'access', ACCESS, report)
  const exposed = child(node, 'expose_as')
  const name = readText(exposed, 'expose_as', report)
  if (exposed === undefined || name === undefined) return
  if (name.length > 100) entryError(report, exposed.span, 'expose_as', texts.tooLong(100))
  if (!/^[a-zA-Z0-9_ -]*$/.test(name)) entryError(report, exposed.span, 'expose_as', texts.badExposedName)
  if (paths.length === 0) entryError(report, exposed.span, 'paths', texts.blank)
  if (paths.some((path) => path.includes('*'))) {
    entryError(report, child(node, 'paths')?.span ?? node.span, 'paths', texts.globInExposedPaths)
  }
}
