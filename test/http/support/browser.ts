import { expect } from 'vitest'
import { form, type Received, type Sent } from './request.ts'

/** A browser without script: it keeps its cookie, sends forms as browsers do and follows where they lead. */
export interface Browser {
  get(path: string): Promise<Received>
  /** Sends a form from a page of the same site; does not follow. */
  post(path: string, fields?: Readonly<Record<string, string>>): Promise<Received>
  /** Sends a form and reads the page it leads to. */
  submit(path: string, fields?: Readonly<Record<string, string>>): Promise<Landed>
  readonly cookie: string
}

export interface Landed {
  /** Without the name of the message. */
  readonly path: string
  readonly html: string
  readonly text: string
  /** What the page says was done, or was wrong. */
  readonly said: string
}

export async function logIn(
  send: (path: string, sent?: Sent) => Promise<Received>,
  accessToken: string,
): Promise<Browser> {
  const login = await send('/login', form({ access_token: accessToken, to: '/' }))
  expect(login.status).toBe(303)
  const cookie = String(login.headers['set-cookie']).split(';')[0] ?? ''
  const get = (path: string) => send(path, { headers: { Cookie: cookie } })
  const post: Browser['post'] = (path, fields = {}) => {
    const sent = form(fields)
    const headers = { ...sent.headers, Cookie: cookie, 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }
    return send(path, { ...sent, headers })
  }
  return {
    get,
    post,
    cookie,
    async submit(path, fields) {
      const answer = await post(path, fields)
      expect([answer.status, answer.text]).toEqual([303, ''])
      const target = String(answer.headers.location)
      const page = await get(target.replace(/#.*/, ''))
      const said = /<div id="said"[^>]*>(.*?)<\/div>/s.exec(page.text)?.[1] ?? ''
      return {
        path: target.replace(/[?&]said=[\w-]+/, ''),
        html: page.text,
        text: textOf(page.text),
        said: textOf(said).trim(),
      }
    },
  }
}

/** What a person reads: no tags, entities resolved, white space joined. */
export function textOf(html: string): string {
  return html
    .replace(/<(style|title)[^>]*>.*?<\/\1>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(
      /&(lt|gt|quot|amp|#39);/g,
      (_all, name: string) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[name] ?? "'",
    )
    .replace(/\s+/g, ' ')
}
