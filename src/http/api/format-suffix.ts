import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from 'express'

const suffixed = new WeakSet<IncomingMessage>()

/** Grape's `(.json)`: a known path is the same with this suffix, which becomes the parameter `format`. Files of artifacts keep theirs. */
export const formatSuffix: RequestHandler = (request, _response, next) => {
  const [path = '', ...query] = request.url.split('?')
  if (path.endsWith('.json') && !path.includes('/artifacts/')) {
    suffixed.add(request)
    request.url = [path.slice(0, -'.json'.length), ...query].join('?')
  }
  next()
}

export function hasFormatSuffix(request: IncomingMessage): boolean {
  return suffixed.has(request)
}
