import { createHash } from 'node:crypto'

/**
 * What gives the pages life; they are complete without it. A page that moves has a stream which only says "look again": the page is
 * then fetched anew, and what differs is put in place, so that focus, open sections and what is being typed stay. Keys: sequences
 * in `data-keys` lead to their link or button, but never out of a field.
 */
export const SCRIPT = `
'use strict'
;(() => {
  const page = () => document.getElementById('content')
  const lost = document.getElementById('not-live')
  const typing = (node) => node && /^(INPUT|TEXTAREA|SELECT)$/.test(node.nodeName)

  const here = new URL(location.href)
  if (here.searchParams.has('said')) {
    here.searchParams.delete('said')
    history.replaceState(null, '', here)
  }

  function attributes(old, fresh) {
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
    for (const { name } of [...old.attributes])
      if (!fresh.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) old.removeAttribute(name)
  }

  function put(old, fresh) {
    if (old.isEqualNode(fresh)) return
    if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) return old.replaceWith(fresh)
    if (old.nodeType !== 1) return void (old.data = fresh.data)
    if (typing(old)) return
    if (old.nodeName !== 'DETAILS') attributes(old, fresh)
    let child = old.firstChild
    for (const next of [...fresh.childNodes]) {
      const after = child && child.nextSibling
      if (child) put(child, next)
      else old.append(next)
      child = after
    }
    while (child) {
      const after = child.nextSibling
      child.remove()
      child = after
    }
  }

  // The page's own rules are allowed by a nonce that belongs to its first loading.
  const colors = new CSSStyleSheet()
  document.adoptedStyleSheets = [colors]

  let stream, busy = false, again = false
  async function look() {
    if (busy) return void (again = true)
    busy = true
    again = false
    const began = performance.now()
    try {
      const answer = await fetch(location.href, { redirect: 'error' })
      if (!answer.ok) throw new Error(answer.status)
      const fresh = new DOMParser().parseFromString((await answer.text()).replace(/<style[^<]*<.style>/, ''), 'text/html')
      const message = document.getElementById('said')
      const main = fresh.getElementById('content')
      if (message) main.prepend(message.cloneNode(true))
      const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 4
      if (main.dataset.css) colors.replaceSync(main.dataset.css)
      document.title = fresh.title
      put(page(), main)
      if (atEnd && scrollY > 0) scrollTo(0, document.documentElement.scrollHeight)
      lost.hidden = true
      if (!page().dataset.stream) stream.close()
    } catch {
      lost.hidden = false
    }
    setTimeout(() => {
      busy = false
      if (again) look()
    }, Math.max(200, 3 * (performance.now() - began)))
  }

  if (page().dataset.stream) {
    stream = new EventSource(page().dataset.stream)
    stream.onmessage = look
    stream.onerror = () => void (lost.hidden = false)
    addEventListener('pagehide', () => stream.close())
    addEventListener('pageshow', (event) => event.persisted && location.reload())
  }

  let keys = ''
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || event.key.length !== 1) return
    keys = (keys + ' ' + event.key).trim()
    const all = [...document.querySelectorAll('[data-keys]')]
    const wanted = all.find((node) => node.dataset.keys === keys)
    if (!wanted && all.some((node) => node.dataset.keys.startsWith(keys + ' '))) return
    keys = ''
    if (!wanted) return
    event.preventDefault()
    if (typing(wanted)) wanted.focus()
    else wanted.click()
  })
})()
`.trim()

/** Its address changes with its text, so that a browser may keep it for ever. */
export const SCRIPT_PATH = `/-/assets/live-${createHash('sha256').update(SCRIPT).digest('hex').slice(0, 16)}.js`
