import type { JSX } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Reply } from '../reply.ts'

/** A page and, where it has a style element of its own, the nonce that allows it. */
export interface RenderedPage {
  readonly page: JSX.Element
  readonly nonce: string | null
}

/** Our own script and streams, no frame, nothing from elsewhere; a page tells no other site where it was. */
export function html(
  status: number,
  { page, nonce }: RenderedPage,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const style = nonce === null ? "'self'" : `'self' 'nonce-${nonce}'`
  return {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; script-src 'self'; connect-src 'self'; style-src ${style}; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
      'Referrer-Policy': 'no-referrer',
      ...headers,
    },
    body: `<!DOCTYPE html>\n${renderToString(page)}\n`,
  }
}
