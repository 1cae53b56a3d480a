import { Layout } from './layout.tsx'

interface LoginPageProps {
  /** Why the last try failed. */
  readonly problem: string | null
  /** Where to go afterwards: a path of this server. */
  readonly target: string
}

/** What a browser without session sees. */
export function LoginPage({ problem, target }: LoginPageProps) {
  return (
    <Layout title="Log in" frame={null}>
      <h1>Log in</h1>
      {problem !== null && <p class="failed">{problem}</p>}
      <p>
        Open the one-time link that <code>sluice serve</code> printed when it started; it logs in the browser
        that opens it first.
      </p>
      <p>
        Or enter an access token. The one of the owner of this machine is in the file{' '}
        <code>access-token</code> of the state folder.
      </p>
      <form class="login" method="post" action="/login">
        <input type="hidden" name="to" value={target} />
        <label for="access_token">Access token</label>
        <input id="access_token" name="access_token" type="password" autocomplete="off" required />
        <button type="submit">Log in</button>
      </form>
    </Layout>
  )
}
