import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Real configurations, which are not part of this repository: `SLUICE_CORPUS`, or `corpus` in a folder `shared` beside it. */
export const corpusFolder = process.env['SLUICE_CORPUS'] ?? resolve(root, '../shared/corpus')

export const corpusFiles: readonly { name: string; text: string }[] = existsSync(corpusFolder)
  ? readdirSync(corpusFolder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => ({ name, text: readFileSync(join(corpusFolder, name), 'utf8') }))
  : []
