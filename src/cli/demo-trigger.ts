import { execa } from 'execa'
import { err, ok, type Result } from '../shared/result.ts'

export interface TriggerCall {
  readonly url: string
  readonly projectId: number
  readonly token: string
  readonly ref: string
  readonly variables: Readonly<Record<string, string>>
}

/** curl's arguments as GitLab's documentation writes them, with only the host changed. */
export function triggerArguments({ url, projectId, token, ref, variables }: TriggerCall): string[] {
  const fields = [
    `token=${token}`,
    `ref=${ref}`,
    ...Object.entries(variables).map(([key, value]) => `variables[${key}]=${value}`),
  ]
  return [
    '--request',
    'POST',
    ...fields.flatMap((field) => ['--form', field]),
    `${url}/api/v4/projects/${projectId}/trigger/pipeline`,
  ]
}

/** Runs curl, whatever proxy the machine has. The error is what came back instead of a pipeline. */
export async function sendTrigger(
  args: readonly string[],
): Promise<Result<{ readonly id: number; readonly web_url: string }, string>> {
  const { stdout, stderr, failed } = await execa(
    'curl',
    ['--silent', '--show-error', '--noproxy', '*', ...args],
    { stdin: 'ignore', reject: false },
  )
  if (failed) return err(stderr || 'curl failed')
  const pipeline: unknown = parse(stdout)
  if (typeof pipeline !== 'object' || pipeline === null || !('id' in pipeline) || !('web_url' in pipeline))
    return err(stdout)
  const { id, web_url } = pipeline
  return typeof id === 'number' && typeof web_url === 'string' ? ok({ id, web_url }) : err(stdout)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // what is no JSON is shown as it is
  }
}
