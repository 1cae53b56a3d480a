import { readFileSync } from 'node:fs'

/** The JSON of `fixtures/tables/<name>`. */
export function readJsonTable(name: string): unknown {
  return JSON.parse(readTable(name))
}

/** The rows of a tab-separated table: `#` starts a comment line, cells are trimmed. */
export function readRows(name: string): string[][] {
  return readTable(name)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t').map((cell) => cell.trim()))
}

function readTable(name: string): string {
  return readFileSync(new URL(`../../fixtures/tables/${name}`, import.meta.url), 'utf8')
}
