// A real browser over the DevTools protocol: messages end with a zero byte, on two pipes (`--remote-debugging-pipe`).
import { spawn, spawnSync } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './git.ts'

export const hasChromium = spawnSync('chromium', ['--version']).error === undefined

export interface Page {
  open(url: string): Promise<void>
  /** Does this in the page; resolves with what it returns. */
  run<T>(expression: string): Promise<T>
  /** Resolves when an expression is true in the page as it stands: it is looked at again with every change. */
  shows(expression: string): Promise<void>
  /** Clicks what has these words, and resolves when the page that it leads to has loaded. */
  follow(words: string, within?: string): Promise<void>
  /** Types into the field of this name. */
  type(name: string, value: string): Promise<void>
  text(): Promise<string>
  /** Forbids the script, from the next page on. */
  withoutScript(): Promise<void>
  /** Resolves when a page has loaded by itself. */
  loads(): Promise<void>
  /** What went wrong in the page so far. */
  readonly errors: readonly string[]
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
  readonly sessionId?: string
}

/** A page of a browser of its own, gone when the test has ended. */
export async function openPage(): Promise<Page> {
  const { call, on } = startBrowser()
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true })
  const send = (method: string, params = {}) => call(method, params, String(sessionId))
  const errors: string[] = []
  on('Runtime.exceptionThrown', (params) => void errors.push(JSON.stringify(params)))
  on('Log.entryAdded', ({ entry }) => {
    if (JSON.stringify(entry).includes('"level":"error"')) errors.push(JSON.stringify(entry))
  })
  for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`)

  const loads = () =>
    new Promise<void>((resolve) => {
      const stop = on('Page.loadEventFired', () => {
        stop()
        resolve()
      })
    })

  async function run<T>(expression: string): Promise<T> {
    const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    const { result, exceptionDetails } = answer as { result: { value: T }; exceptionDetails?: unknown }
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }

  return {
    errors,
    loads,
    run,
    async open(url) {
      const loaded = loads()
      await send('Page.navigate', { url })
      await loaded
    },
    async shows(expression) {
      await run(`new Promise((resolve) => {
        const look = () => { if (${expression}) { observer.disconnect(); resolve() } }
        const observer = new MutationObserver(look)
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
        look()
      })`)
    },
    async follow(words, within = 'body') {
      const loaded = loads()
      await run(`(() => {
        const all = [...document.querySelector(${JSON.stringify(within)}).querySelectorAll('a, button')]
        const found = all.find((node) => node.textContent.trim() === ${JSON.stringify(words)})
        if (!found) throw new Error('nothing to click says ' + ${JSON.stringify(words)} + ' on ' + document.body.innerText)
        for (let node = found; node; node = node.parentElement) if (node.nodeName === 'DETAILS') node.open = true
        found.click()
      })()`)
      await loaded
    },
    type: (name, value) =>
      run(`document.querySelector(${JSON.stringify(`[name="${name}"]`)}).value = ${JSON.stringify(value)}`),
    text: () => run('document.body.innerText'),
    withoutScript: async () => void (await send('Emulation.setScriptExecutionDisabled', { value: true })),
  }
}

function startBrowser() {
  const folder = temporaryFolder('sluice-chromium-')
  const child = spawn(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--no-proxy-server',
      '--remote-debugging-pipe',
      `--user-data-dir=${folder}`,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: folder } },
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [, , , input, output] = child.stdio as unknown as [null, null, null, Writable, Readable]
  // Killing it breaks both pipes.
  input.on('error', () => {})
  output.on('error', () => {})
  const waiting = new Map<number, (message: Message) => void>()
  const listeners = new Map<string, Set<(params: Record<string, unknown>) => void>>()
  let rest = ''
  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop() ?? ''
    for (const each of messages) hear(JSON.parse(each) as Message)
  })

  function hear(message: Message): void {
    if (message.id !== undefined) {
      waiting.get(message.id)?.(message)
      waiting.delete(message.id)
    }
    for (const listener of listeners.get(message.method ?? '') ?? []) listener(message.params ?? {})
  }

  let calls = 0
  return {
    call(method: string, params = {}, sessionId?: string): Promise<Record<string, unknown>> {
      const id = ++calls
      input.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`)
      return new Promise((resolve, reject) => {
        waiting.set(id, ({ result, error }) =>
          error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result ?? {}),
        )
      })
    },
    on(method: string, listener: (params: Record<string, unknown>) => void): () => void {
      const all = listeners.get(method) ?? new Set()
      listeners.set(method, all.add(listener))
      return () => void all.delete(listener)
    },
  }
}
