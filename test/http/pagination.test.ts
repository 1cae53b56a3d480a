import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'
import { addPipeline } from './support/rows.ts'

let server: TestServer
let ids: number[]
beforeAll(async () => {
  server = await startServer()
  ids = server.store
    .write('normal', () => Array.from({ length: 45 }, () => addPipeline(server.store)))
    .toReversed()
})
afterAll(() => server.close())

const idsOf = (text: string): number[] => (JSON.parse(text) as { id: number }[]).map((each) => each.id)

describe('a list of 45', () => {
  it('has three pages by Link alone', async () => {
    const seen: number[] = []
    let next: string | undefined = '/projects/9/pipelines?per_page=20'
    let pages = 0
    while (next !== undefined) {
      const received = await server.get(next)
      seen.push(...idsOf(received.text))
      pages++
      const link = /<([^>]*)>; rel="next"/.exec(String(received.headers.link))?.[1]
      next = link?.replace(`${server.url}/api/v4`, '')
    }
    expect([pages, seen]).toEqual([3, ids])
  })

  it('has three pages by X-Next-Page alone', async () => {
    const seen: number[] = []
    let next = '1'
    while (next !== '') {
      const received = await server.get(`/projects/9/pipelines?page=${next}`)
      seen.push(...idsOf(received.text))
      next = String(received.headers['x-next-page'])
    }
    expect(seen).toEqual(ids)
  })

  const headersOf = async (path: string) => {
    const { headers } = await server.get(path)
    const { link } = headers
    const numbers = ['x-page', 'x-per-page', 'x-next-page', 'x-prev-page', 'x-total', 'x-total-pages'].map(
      (name) => headers[name],
    )
    return [numbers.join('|'), String(link).replaceAll(server.url, '')]
  }

  it.each([
    [
      'the first page',
      '/projects/9/pipelines',
      '1|20|2||45|3',
      '</api/v4/projects/9/pipelines?id=9&page=2&per_page=20>; rel="next", </api/v4/projects/9/pipelines?id=9&page=1&per_page=20>; rel="first", </api/v4/projects/9/pipelines?id=9&page=3&per_page=20>; rel="last"',
    ],
    [
      'the middle',
      '/projects/9/pipelines?page=2&per_page=20',
      '2|20|3|1|45|3',
      '</api/v4/projects/9/pipelines?id=9&page=1&per_page=20>; rel="prev", </api/v4/projects/9/pipelines?id=9&page=3&per_page=20>; rel="next", </api/v4/projects/9/pipelines?id=9&page=1&per_page=20>; rel="first", </api/v4/projects/9/pipelines?id=9&page=3&per_page=20>; rel="last"',
    ],
    [
      'the last page, with other parameters and a named project',
      '/projects/fixtures%2Fupload-to-s3/pipelines?ref=main&page=3&sort=desc',
      '3|20||2|45|3',
      '</api/v4/projects/fixtures%2Fupload-to-s3/pipelines?id=fixtures%2Fupload-to-s3&page=2&per_page=20&ref=main&sort=desc>; rel="prev", </api/v4/projects/fixtures%2Fupload-to-s3/pipelines?id=fixtures%2Fupload-to-s3&page=1&per_page=20&ref=main&sort=desc>; rel="first", </api/v4/projects/fixtures%2Fupload-to-s3/pipelines?id=fixtures%2Fupload-to-s3&page=3&per_page=20&ref=main&sort=desc>; rel="last"',
    ],
    [
      'more than a page holds',
      '/projects/9/pipelines?per_page=500',
      '1|100|||45|1',
      '</api/v4/projects/9/pipelines?id=9&page=1&per_page=500>; rel="first", </api/v4/projects/9/pipelines?id=9&page=1&per_page=500>; rel="last"',
    ],
    [
      'an empty list',
      '/projects/9/pipelines?ref=none',
      '1|20|||0|1',
      '</api/v4/projects/9/pipelines?id=9&page=1&per_page=20&ref=none>; rel="first", </api/v4/projects/9/pipelines?id=9&page=1&per_page=20&ref=none>; rel="last"',
    ],
    [
      'past the end',
      '/projects/9/pipelines?page=9',
      '9|20|||45|3',
      '</api/v4/projects/9/pipelines?id=9&page=1&per_page=20>; rel="first", </api/v4/projects/9/pipelines?id=9&page=3&per_page=20>; rel="last"',
    ],
  ])('%s', async (_what, path, numbers, link) => {
    expect(await headersOf(path)).toEqual([numbers, link])
  })

  it.each([
    ['page=abc', '{"error":"page is invalid"}'],
    ['per_page=1.5', '{"error":"per_page is invalid"}'],
    ['page=x&per_page=y', '{"error":"page is invalid, per_page is invalid"}'],
    ['page[]=1', '{"error":"page is invalid"}'],
    // GitLab's PaginationParams excepts it.
    ['per_page=0', '{"error":"per_page has a value not allowed"}'],
    ['page=x&per_page=0', '{"error":"page is invalid, per_page has a value not allowed"}'],
  ])('%s', async (query, body) => {
    const received = await server.get(`/projects/9/pipelines?${query}`)
    expect([received.status, received.text]).toEqual([400, body])
  })

  it.each(['page=0', 'page=-1', 'per_page=-1', 'page=&per_page='])(
    '%s means the first page',
    async (query) => {
      const received = await server.get(`/projects/9/pipelines?${query}`)
      expect([received.headers['x-page'], received.headers['x-per-page']]).toEqual(['1', '20'])
    },
  )
})

it('a list of more than 10,000 is not counted', async () => {
  server.store.write('normal', () => {
    for (let count = 0; count < 10_001; count++) addPipeline(server.store, { projectId: 10 })
  })
  const { headers } = await server.get('/projects/10/pipelines?page=2')
  expect([
    headers['x-total'],
    headers['x-total-pages'],
    headers['x-next-page'],
    headers['x-prev-page'],
  ]).toEqual([undefined, undefined, '3', '1'])
  expect(String(headers.link).match(/rel="\w+"/g)).toEqual(['rel="prev"', 'rel="next"', 'rel="first"'])
})
