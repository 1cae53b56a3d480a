import type { Router } from 'express'

/** Every method and path of a router, in the order of its paths. */
export function routesOf(router: Router): string[] {
  const rows = router.stack.flatMap(({ route }) => {
    if (!route) return []
    // A route may be made for several paths at once, which the types do not say.
    const given: unknown = route.path
    const paths = Array.isArray(given) ? (given as string[]) : [route.path]
    const methods = [...new Set(route.stack.map(({ method }) => method.toUpperCase()))]
    return paths.flatMap((path) => methods.map((method) => ({ method, path: path.replaceAll('*', ':') })))
  })
  return rows
    .toSorted((a, b) => compare(a.path, b.path) || compare(a.method, b.method))
    .map(({ method, path }) => `| ${method} | \`${path}\` |`)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const BEGIN = '<!-- routes: begin -->\n'
const END = '<!-- routes: end -->'

/** The page with its table of routes renewed. */
export function withRoutes(page: string, routes: readonly string[]): string {
  const start = page.indexOf(BEGIN) + BEGIN.length
  const table = ['| | |', '| --- | --- |', ...routes].join('\n')
  return `${page.slice(0, start)}${table}\n${page.slice(page.indexOf(END))}`
}
