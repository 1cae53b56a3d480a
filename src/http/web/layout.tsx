import type { ComponentChildren } from 'preact'
import type { User } from '../../model/user.ts'
import { SCRIPT_PATH } from './live-script.ts'
import {
  deliveriesPath,
  environmentsPath,
  pipelinesPath,
  schedulesPath,
  TOKENS_PATH,
  triggersPath,
  variablesPath,
} from './paths.ts'
import type { Said } from './sessions.ts'
import { STYLE_PATH } from './style.ts'

const REFRESH_SECONDS = 2

/** What every page of a visit has in common: who is there, where, and what the last form came to. */
export interface Frame {
  readonly user: User
  readonly said: Said | null
  /** Null: a page of no project. `maintains`: the visitor may see its secrets. */
  readonly project: { readonly name: string; readonly maintains: boolean } | null
}

interface Crumb {
  readonly text: string
  readonly href: string
}

interface LayoutProps {
  readonly title: string
  /** Null: nobody is logged in. */
  readonly frame: Frame | null
  readonly crumbs?: readonly Crumb[]
  /**
   * The page shows something that still moves. Its own stream says when to look again; without script the page loads itself again
   * where `refresh` is set: forms on it would lose what was typed.
   */
  readonly live?: { readonly stream: string; readonly refresh: boolean } | null
  /** Rules of this page alone. */
  readonly style?: { readonly css: string; readonly nonce: string } | null
  readonly children: ComponentChildren
}

/** The frame of every page: landmarks, a link past the header, the style sheet, the script that pages do without. */
export function Layout({ title, frame, crumbs = [], live = null, style = null, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        {live?.refresh && (
          <noscript>
            <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} />
          </noscript>
        )}
        <title>{`${title} · Sluice`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={STYLE_PATH} />
        {style && <style nonce={style.nonce} dangerouslySetInnerHTML={{ __html: style.css }} />}
        {frame && <script src={SCRIPT_PATH} defer />}
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <a class="home" href="/">
            Sluice
          </a>
          {crumbs.length > 0 && <Crumbs crumbs={crumbs} />}
          {frame && <Who user={frame.user} />}
        </header>
        {frame?.project && <ProjectNav {...frame.project} />}
        <p id="not-live" class="not-live" role="status" hidden>
          Not live: the connection is gone. What is shown may be old.
        </p>
        <main id="content" data-stream={live?.stream} data-css={style?.css}>
          {frame?.said && <Message said={frame.said} />}
          {children}
        </main>
      </body>
    </html>
  )
}

function Crumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol>
        {crumbs.map((crumb) => (
          <li key={crumb.href}>
            <a href={crumb.href}>{crumb.text}</a>
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Who({ user }: { readonly user: User }) {
  return (
    <div class="who">
      <a href={TOKENS_PATH}>{user.name}</a>
      <form method="post" action="/logout">
        <button class="link">Log out</button>
      </form>
    </div>
  )
}

function ProjectNav({ name, maintains }: NonNullable<Frame['project']>) {
  const pages = [
    { text: 'Pipelines', href: pipelinesPath(name), keys: 'g p', all: true },
    { text: 'Schedules', href: schedulesPath(name), keys: 'g s', all: true },
    { text: 'Environments', href: environmentsPath(name), keys: 'g e', all: true },
    { text: 'Triggers', href: triggersPath(name), keys: 'g t', all: false },
    { text: 'Deliveries', href: deliveriesPath(name), keys: 'g d', all: false },
    { text: 'Variables', href: variablesPath(name), keys: 'g v', all: false },
  ]
  return (
    <nav class="project" aria-label={`Project ${name}`}>
      <ul>
        {pages
          .filter(({ all }) => all || maintains)
          .map(({ text, href, keys }) => (
            <li key={href}>
              <a href={href} data-keys={keys} title={`Keys: ${keys}`}>
                {text}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  )
}

function Message({ said }: { readonly said: Said }) {
  return (
    <div id="said" class={`said ${said.kind}`} role={said.kind === 'problem' ? 'alert' : 'status'}>
      <p>{said.text}</p>
      {said.secret !== undefined && (
        <p>
          <code id="secret">{said.secret}</code>
        </p>
      )}
    </div>
  )
}
