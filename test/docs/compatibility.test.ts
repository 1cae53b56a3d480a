import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { RUNTIME_SUPPORT } from '../../src/ci/runtime-support.ts'
import { ALL_KEYWORDS, compatibilityPage } from './compatibility-page.ts'

const file = join(import.meta.dirname, '../../docs/compatibility.md')

it('docs/compatibility.md says what the table says', () => {
  const page = compatibilityPage()
  if (process.env.SLUICE_WRITE_DOCS === '1') writeFileSync(file, page)
  expect(readFileSync(file, 'utf8')).toBe(page)
})

it.each(ALL_KEYWORDS)('the table knows what happens with %s', (keyword) => {
  expect(Object.keys(RUNTIME_SUPPORT)).toContain(keyword)
})

it('the table has only keywords that are read', () => {
  const words = Object.keys(RUNTIME_SUPPORT).map((keyword) => keyword.split(':')[0])
  expect(words.filter((word) => word === undefined || !ALL_KEYWORDS.includes(word))).toEqual([])
})
