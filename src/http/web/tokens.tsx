import type { RequestHandler } from 'express'
import { TOKEN_SCOPES } from '../../pipeline/registry/access-tokens.ts'
import { wholeNumber } from './form.ts'
import { html } from './html-reply.ts'
import { done, failed, pageRoute, type WebContext } from './page-route.tsx'
import { partOf } from './paging.tsx'
import { TOKENS_PATH } from './paths.ts'
import { TokensPage } from './tokens-page.tsx'

const PER_PAGE = 50

/** `/-/user_settings/personal_access_tokens`: the visitor's own. */
export function tokensPage(context: WebContext): RequestHandler {
  const { store, clock } = context.options
  return pageRoute(context, ({ frame, user, query }) => {
    const page = wholeNumber(query.text('page'), 1)
    const { tokens, total } = store.accessTokens.page(user.id, partOf({ page, perPage: PER_PAGE }))
    const paging = { page, perPage: PER_PAGE, total }
    return html(200, {
      page: <TokensPage frame={frame} tokens={tokens} paging={paging} now={clock.now()} />,
      nonce: null,
    })
  })
}

/** `POST`: the token is on the next page, and on no later one. */
export function createToken(context: WebContext): RequestHandler {
  const { engine, clock } = context.options
  return pageRoute(context, ({ form, user }) => {
    const name = form.text('name')?.trim() ?? ''
    const chosen = form.pairs('scopes')
    const scopes = TOKEN_SCOPES.filter((scope) => chosen.has(scope))
    const expires = form.text('expires_at') ?? ''
    const expiresAt = expires === '' ? null : Date.parse(expires)
    if (name === '') return failed(TOKENS_PATH, "Name can't be blank")
    if (scopes.length === 0) return failed(TOKENS_PATH, 'Scopes are empty')
    if (expiresAt !== null && !(expiresAt > clock.now()))
      return failed(TOKENS_PATH, 'Expires at must be in the future')
    const { token } = engine.accessTokens.create({ userId: user.id, name, scopes, expiresAt })
    const text = `The access token "${name}" was made. It is shown this once:`
    return { to: TOKENS_PATH, said: { kind: 'done', text, secret: token } }
  })
}

/** `POST …/:id/revoke` */
export function revokeToken(context: WebContext): RequestHandler {
  const { store, engine } = context.options
  return pageRoute(context, ({ request, user }) => {
    const token = store.accessTokens.find(wholeNumber(String(request.params['id']), 0))
    if (token?.userId !== user.id) return undefined
    return engine.accessTokens.revoke(token.id)
      ? done(TOKENS_PATH, `The access token "${token.name}" was revoked.`)
      : failed(TOKENS_PATH, `The access token "${token.name}" was revoked before.`)
  })
}
