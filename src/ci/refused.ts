import type { Diagnostic, Span } from '../shared/diagnostic.ts'
import type { PipelinePlan } from '../model/plan.ts'
import type { Config, JobConfig } from './config.ts'
import { namesOf } from './config/instances.ts'
import { diagnosticAt } from './report.ts'
import { refusalOf } from './runtime-support.ts'

/**
 * Why a pipeline of these jobs is not created although the document is valid: what they ask for cannot be done
 * here, and doing the rest would look as if it had been. `variables` are the names that have a value.
 */
export function refusedIn(plan: PipelinePlan, config: Config, variables: ReadonlySet<string>): Diagnostic[] {
  const planned = new Set(plan.jobs.map(({ name }) => name))
  const found: Diagnostic[] = []
  for (const job of config.jobs.values()) {
    const asked = askedFor(job, variables)
    if (asked.length === 0 || !namesOf(job).some((name) => planned.has(name))) continue
    for (const { keyword, path, span } of asked) {
      const words = refusalOf(keyword)
      if (words === undefined) continue
      const finding = { code: 'keyword.unsupported', text: `jobs:${job.name}:${path} ${words}` }
      found.push(diagnosticAt(config.sources, span, finding, helpFor(keyword, job.name)))
    }
  }
  return found
}

interface Asked {
  readonly keyword: string
  readonly path: string
  readonly span: Span
}

function askedFor({ keywords }: JobConfig, variables: ReadonlySet<string>): Asked[] {
  const { run, secrets } = keywords
  const asked: Asked[] = []
  if (run !== undefined) asked.push({ keyword: 'run', path: 'run', span: run.span })
  for (const { name, span } of secrets ?? []) {
    if (!variables.has(name)) asked.push({ keyword: 'secrets', path: `secrets:${name}`, span })
  }
  return asked
}

function helpFor(keyword: string, job: string): string {
  return keyword === 'secrets'
    ? 'set a project variable of this name; it then takes the place of the secret'
    : `run other jobs by their names, or leave ${job} out with rules`
}
