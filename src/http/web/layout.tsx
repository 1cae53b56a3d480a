import type { ComponentChildren } from 'preact'
import { STYLE_PATH } from './style.ts'

const REFRESH_SECONDS = 2

interface Crumb {
  readonly text: string
  readonly href: string
}

interface LayoutProps {
  readonly title: string
  readonly crumbs?: readonly Crumb[]
  /** The page shows something that still moves: it loads itself again, so that it lives without script. */
  readonly live?: boolean
  /** Rules of this page alone. */
  readonly style?: { readonly css: string; readonly nonce: string } | null
  readonly children: ComponentChildren
}

/** The frame of every page: landmarks, a link past the header, the style sheet. */
export function Layout({ title, crumbs = [], live = false, style = null, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        {live && <meta http-equiv="refresh" content={String(REFRESH_SECONDS)} />}
        <title>{`${title} · Sluice`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={STYLE_PATH} />
        {style && <style nonce={style.nonce} dangerouslySetInnerHTML={{ __html: style.css }} />}
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header>
          <a class="home" href="/">
            Sluice
          </a>
          {crumbs.length > 0 && (
            <nav aria-label="Breadcrumb">
              <ol>
                {crumbs.map((crumb) => (
                  <li key={crumb.href}>
                    <a href={crumb.href}>{crumb.text}</a>
                  </li>
                ))}
              </ol>
            </nav>
          )}
        </header>
        <main id="content">{children}</main>
      </body>
    </html>
  )
}
