import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { apiRouter } from '../../src/http/api/router.ts'
import type { HttpOptions } from '../../src/http/options.ts'
import { routesOf, withRoutes } from './api-page.ts'

const PAGE = new URL('../../docs/api.md', import.meta.url)

/** Routes are made without looking at what they will stand on. */
const NOTHING = {} as HttpOptions

it('docs/api.md lists every route; renew it with SLUICE_WRITE_DOCS=1', () => {
  const page = readFileSync(PAGE, 'utf8')
  const renewed = withRoutes(page, routesOf(apiRouter(NOTHING)))
  if (process.env['SLUICE_WRITE_DOCS'] === '1') writeFileSync(PAGE, renewed)
  expect(readFileSync(PAGE, 'utf8')).toBe(renewed)
})

it('a route of several paths is listed once for each', () => {
  const routes = routesOf(apiRouter(NOTHING))
  expect(routes).toContain('| POST | `/projects/:id/trigger/pipeline` |')
  expect(routes).toContain('| POST | `/projects/:id/ref/:ref/trigger/pipeline` |')
  expect(routes).toContain('| GET | `/runners/all` |')
  expect(new Set(routes).size).toBe(routes.length)
})
