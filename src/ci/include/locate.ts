import type { Result } from '../../shared/result.ts'
import { err } from '../../shared/result.ts'
import type { YamlNode } from '../../yaml/node.ts'
import { entriesBeyond } from '../config/nodes.ts'
import { didYouMean } from '../config/keys.ts'
import { diagnosticAt } from '../report.ts'
import { textScalar } from '../inputs/value.ts'
import type { Finding } from '../texts.ts'
import { readArtifact } from './artifact.ts'
import { readComponent } from './component.ts'
import { readLocal } from './local.ts'
import {
  asJson,
  expanded,
  has,
  includeItems,
  type IncludeLocation,
  textOf,
  withEachFile,
  withValue,
} from './location.ts'
import { readProject } from './project.ts'
import { readRemote } from './remote.ts'
import { passesRules } from './rules.ts'
import { type IncludeScope, masked } from './scope.ts'
import type { IncludeTarget, TargetReader } from './target.ts'
import { readTemplate } from './template.ts'
import {
  type IncludeWord,
  integrityForRemote,
  neitherHashNorString,
  noSubkey,
  nothingMatched,
  projectWithoutFile,
  severalSubkeys,
  type Subkey,
  unknownIncludeKeys,
} from './texts.ts'
import { complain, type IncludeWork, warn } from './work.ts'
import { matchingPaths } from './wildcard.ts'

const READERS: Readonly<Record<Subkey, TargetReader>> = {
  local: readLocal,
  project: readProject,
  remote: readRemote,
  template: readTemplate,
  artifact: readArtifact,
  component: readComponent,
}

const KEYS = [
  'local',
  'project',
  'file',
  'ref',
  'remote',
  'integrity',
  'cache',
  'template',
  'artifact',
  'job',
  'component',
  'rules',
  'inputs',
  'with',
]

/** Which includes a file may have. */
export interface IncludeGrammar {
  readonly word: IncludeWord
  readonly subkeys: readonly Subkey[]
}

export interface LocatedInclude {
  readonly location: IncludeLocation
  readonly target: IncludeTarget
}

/**
 * The files that an `include` asks for, in GitLab's order of steps: items, rules, lists of files and wildcards, variables,
 * kinds. What is wrong is reported at its item.
 */
export async function locateIncludes(
  node: YamlNode,
  grammar: IncludeGrammar,
  scope: IncludeScope,
  work: IncludeWork,
): Promise<LocatedInclude[]> {
  const found: LocatedInclude[] = []
  for (const item of includeItems(node, scope, (span) => complain(work, span, neitherHashNorString))) {
    noteUnknownKeys(item, work)
    if (!(await passesRules(item.values.get('rules')?.value, scope, work))) continue
    for (const location of await spread(expanded(item, scope), scope, work)) {
      const target = readTarget(expanded(location, scope), grammar, scope)
      if (target.ok) found.push({ location, target: target.value })
      else for (const finding of target.error) complain(work, location.span, finding)
    }
  }
  return found
}

/** A list of files or a wildcard as one location for each file. */
async function spread(
  location: IncludeLocation,
  scope: IncludeScope,
  work: IncludeWork,
): Promise<readonly IncludeLocation[]> {
  if (has(location, 'project') && !has(location, 'file')) {
    complain(work, location.span, projectWithoutFile, 'add `file:`')
    return []
  }
  const pattern = textOf(location, 'local')
  if (has(location, 'project') || pattern === undefined || !pattern.includes('*'))
    return withEachFile(location)
  if (scope.at === null) return [location]
  const { localPath } = scope
  const fitting = matchingPaths(pattern, await work.port.paths(scope.at))
  // GitLab: a wildcard in an included file leaves out that file itself.
  const paths = fitting.filter((path) => path !== localPath)
  if (fitting.length === 0) noteNothing(location, pattern, work)
  return paths.map((path) => withValue(location, 'local', textScalar(path, location.span)))
}

function readTarget(
  location: IncludeLocation,
  { word, subkeys }: IncludeGrammar,
  scope: IncludeScope,
): Result<IncludeTarget, readonly Finding[]> {
  const named = subkeys.filter((key) => has(location, key) && (key !== 'project' || has(location, 'file')))
  const [only] = named
  if (only === undefined) return err([noSubkey(masked(asJson(location), scope), word, subkeys)])
  if (named.length > 1) return err([severalSubkeys(subkeys)])
  if (only !== 'remote' && has(location, 'integrity')) return err([integrityForRemote])
  return READERS[only](location, scope)
}

function noteUnknownKeys(location: IncludeLocation, work: IncludeWork): void {
  const unknown = entriesBeyond({ kind: 'mapping', entries: location.values, span: location.span }, (key) =>
    KEYS.includes(key),
  )
  const keys = unknown.map(({ key }) => key.text)
  const [first] = unknown
  // Without any known key it is an error of its own.
  if (first === undefined || unknown.length === location.values.size) return
  const help = didYouMean(keys, KEYS) ?? 'GitLab takes no notice of them'
  warn(work, {
    ...diagnosticAt(work.sources, first.key.span, unknownIncludeKeys(keys), help),
    severity: 'warning',
  })
}

function noteNothing(location: IncludeLocation, pattern: string, work: IncludeWork): void {
  const help = '`*` stays within one folder, `**` goes into all below'
  warn(work, {
    ...diagnosticAt(work.sources, location.span, nothingMatched(pattern), help),
    severity: 'warning',
  })
}
