import { TOKEN_SCOPES } from '../../pipeline/registry/access-tokens.ts'
import type { AccessToken } from '../../store/access-tokens.ts'
import { Ask } from './action.tsx'
import { Check, Field } from './field.tsx'
import { Layout, type Frame } from './layout.tsx'
import { Moment } from './moment.tsx'
import { Pages, type Paging } from './paging.tsx'
import { queryOf, TOKENS_PATH } from './paths.ts'

interface TokensPageProps {
  readonly frame: Frame
  readonly tokens: readonly AccessToken[]
  readonly paging: Paging
  readonly now: number
}

export function TokensPage({ frame, tokens, paging, now }: TokensPageProps) {
  return (
    <Layout title="Access tokens" frame={frame}>
      <h1>{`Access tokens of ${frame.user.name}`}</h1>
      <div class="wide">
        <table aria-label="Access tokens">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Scopes</th>
              <th scope="col">Created</th>
              <th scope="col">Last used</th>
              <th scope="col">Expires</th>
              <th scope="col">Actions</th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => (
              <Row key={token.id} token={token} now={now} />
            ))}
          </tbody>
        </table>
      </div>
      <Pages {...paging} href={(page) => TOKENS_PATH + queryOf({ page })} />
      <section aria-labelledby="create">
        <h2 id="create">New access token</h2>
        <form class="fields" method="post" action={TOKENS_PATH}>
          <Field name="name" label="Name" value="" required />
          <Field name="expires_at" label="Expires" type="date" value="" hint="Empty: never." />
          <fieldset>
            <legend>Scopes</legend>
            {TOKEN_SCOPES.map((scope) => (
              <Check key={scope} name={`scopes[${scope}]`} label={scope} checked={false} />
            ))}
          </fieldset>
          <button>Create token</button>
        </form>
      </section>
    </Layout>
  )
}

function Row({ token, now }: { readonly token: AccessToken; readonly now: number }) {
  const over = token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now)
  return (
    <tr>
      <th scope="row">{token.name}</th>
      <td>{token.scopes.join(', ')}</td>
      <td>
        <Moment at={token.createdAt} />
      </td>
      <td>{token.lastUsedAt === null ? 'Never' : <Moment at={token.lastUsedAt} />}</td>
      <td>
        {token.revokedAt !== null ? (
          'Revoked'
        ) : token.expiresAt === null ? (
          'Never'
        ) : (
          <Moment at={token.expiresAt} />
        )}
      </td>
      <td>
        {!over && (
          <Ask
            to={`${TOKENS_PATH}/${token.id}/revoke`}
            text="Revoke"
            label={`Revoke ${token.name}`}
            confirm="Revoke token"
          >
            <p>{`Whatever uses the token "${token.name}" stops working, for good.`}</p>
          </Ask>
        )}
      </td>
    </tr>
  )
}
