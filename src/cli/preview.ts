import { mergedDocument } from '../ci/merged-document.ts'
import { groupName } from '../ci/variables/predefined-job.ts'
import { readDocuments } from '../compile/documents.ts'
import { closest } from '../shared/closest.ts'
import type { Sources } from '../shared/diagnostic.ts'
import { err, ok, type Result } from '../shared/result.ts'
import { locate } from '../shared/source-text.ts'
import { dumpYaml } from '../yaml/dump/dump.ts'
import type { YamlEntry, YamlMapping } from '../yaml/node.ts'
import type { CommandContext } from './context.ts'
import { EXIT } from './exit-code.ts'
import { renderFailure, usageFailure, type Failure } from './failure.ts'
import { missingConfig } from './missing-config.ts'
import { readSituation } from './situation.ts'
import type { SituationFlags } from './situation-flags.ts'
import { terminalText } from './terminal-text.ts'

export interface PreviewFlags extends SituationFlags {
  readonly origin: boolean
  readonly job?: string
}

/** `sluice preview`: the configuration that GitLab calls the full one. */
export async function previewCommand(flags: PreviewFlags, context: CommandContext): Promise<number> {
  const text = await previewText(flags, context)
  if (!text.ok) {
    context.err(renderFailure(text.error))
    return text.error.exitCode
  }
  context.out(terminalText(text.value, false))
  return EXIT.success
}

async function previewText(flags: PreviewFlags, context: CommandContext): Promise<Result<string, Failure>> {
  const situation = await readSituation(flags, context)
  if (!situation.ok) return situation
  const { request, close } = situation.value
  try {
    const documents = await readDocuments(request)
    if (documents === undefined) return err(missingConfig(request.configPath))
    const { loaded, resolved } = documents
    if (!loaded.ok)
      return err({
        exitCode: EXIT.invalid,
        problems: loaded.error.diagnostics,
        sources: loaded.error.sources,
      })
    if (resolved === null) throw new Error('Bug: a valid configuration without its document')
    const shown = onlyJob(mergedDocument(resolved), flags.job)
    return shown.ok
      ? ok(dumpYaml(shown.value, flags.origin ? { comment: originIn(loaded.value.sources) } : {}))
      : shown
  } finally {
    close()
  }
}

/** The name of a parallel job, or of one of its instances, or of a hidden job. */
function onlyJob(document: YamlMapping, name: string | undefined): Result<YamlMapping, Failure> {
  if (name === undefined) return ok(document)
  const entry = document.entries.get(name) ?? document.entries.get(groupName(name))
  if (entry !== undefined) return ok({ ...document, entries: new Map([[entry.key.text, entry]]) })
  const near = closest(name, document.entries.keys())
  return err(usageFailure('job.unknown', `no job "${name}"`, near && `"${near}" is close`))
}

function originIn(sources: Sources): (entry: YamlEntry) => string {
  return ({ key }) => {
    const { file, line } = locate(sources, key.span)
    return `${file}:${line}`
  }
}
