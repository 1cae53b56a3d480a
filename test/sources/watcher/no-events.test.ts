// What the watch does where file events do not come, or not all of them.
import { describe, expect, it, onTestFinished } from 'vitest'
import { WATCH_ALL } from '../../../src/model/watch-rules.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { openRepository } from '../../../src/platform/git.ts'
import type { HintListener, watchRefs } from '../../../src/sources/watcher/hints.ts'
import { startWatcher } from '../../../src/sources/watcher/watcher.ts'
import { testEngine } from '../../support/engine.ts'
import { makeRepository } from '../../support/git.ts'
import { backdate, watchIt } from './scene.ts'

const FILE = { '.gitlab-ci.yml': 'build:\n  script: make\n' }

describe('events that do not come', () => {
  /** Events that somebody else has to give; each listening is one more. */
  function puppetHints(): { readonly listeners: HintListener[]; readonly watch: typeof watchRefs } {
    const listeners: HintListener[] = []
    return {
      listeners,
      watch: (_folder, listener) => {
        listeners.push(listener)
        return { close: () => Promise.resolve() }
      },
    }
  }

  it('are made up for at a glance where the system watches no more folders', async () => {
    const hints = puppetHints()
    const repository = makeRepository({ files: FILE })
    const here = watchIt(repository, { hints: hints.watch })
    await here.watch.look()
    hints.listeners[0]?.limited('ENOSPC')
    repository.commit('second', { a: '1' })
    await here.watch.glance()
    expect(here.pipelines()).toHaveLength(1)
  })

  it('make the listening begin anew when a poll finds what nobody told', async () => {
    const hints = puppetHints()
    const repository = makeRepository({ files: FILE })
    backdate(repository)
    const here = watchIt(repository, { hints: hints.watch })
    await here.watch.look()
    await here.watch.poll()
    expect(hints.listeners).toHaveLength(1)
    repository.commit('second', { a: '1' })
    await here.watch.poll()
    expect(hints.listeners).toHaveLength(2)
    expect(here.pipelines()).toHaveLength(1)
  })
})

it('is told once, however many repositories are concerned', async () => {
  const made = testEngine('')
  const notices: string[] = []
  const watcher = startWatcher({
    store: made.store,
    engine: made.engine,
    clock: systemClock,
    mostPipelines: () => 100,
    watchRefs: (_folder, { limited }) => {
      limited('ENOSPC: no more watches')
      return { close: () => Promise.resolve() }
    },
    notice: (text) => notices.push(text),
  })
  onTestFinished(() => watcher.stop())
  const repositories = ['g/a', 'g/b'].map((name, index) => ({
    id: index + 1,
    name,
    rules: WATCH_ALL,
    repository: openRepository(makeRepository({ files: FILE }).gitDir),
  }))
  onTestFinished(() => repositories.forEach(({ repository }) => repository.close()))
  await watcher.follow(repositories)
  const told = notices.filter((text) => text.includes('file events'))
  expect(told).toHaveLength(1)
  expect(told[0]).toMatch(
    /^not every repository can be watched by file events \(ENOSPC: no more watches\); .*fs\.inotify\.max_user_watches/,
  )
})
