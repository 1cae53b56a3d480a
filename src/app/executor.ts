import { mkdirSync } from 'node:fs'
import type { Isolation } from '../model/isolation.ts'
import { chooseExecutor, type ChosenExecutor } from '../runner/executors/choose.ts'
import { err, type Result } from '../shared/result.ts'

export type { ChosenExecutor }

/** Tries what `isolation` asks for, in a folder of ours; the error says why it cannot be had, with the command that helps. Never rejects. */
export async function findExecutor(
  isolation: Isolation,
  folder: string,
): Promise<Result<ChosenExecutor, string>> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return await chooseExecutor(isolation, { scratchDir: folder })
  } catch (error) {
    return err(`${folder} cannot be used: ${error instanceof Error ? error.message : String(error)}`)
  }
}
