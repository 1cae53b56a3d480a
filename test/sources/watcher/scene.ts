// A real repository that is watched, with a real engine behind it.
import { existsSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { WATCH_ALL, type WatchRules } from '../../../src/model/watch-rules.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { openRepository, type GitRepository } from '../../../src/platform/git.ts'
import { watchRefs } from '../../../src/sources/watcher/hints.ts'
import { watchProject, type ProjectWatch } from '../../../src/sources/watcher/watch-project.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import type { TestRepository } from '../../support/git.ts'
import { madePipelines } from '../../support/made-pipelines.ts'

const noHints = () => ({ close: () => Promise.resolve() })

export interface Scene extends TestEngine, ReturnType<typeof madePipelines> {
  readonly watch: ProjectWatch
  readonly notices: string[]
  /** How often git was asked for its refs. */
  readonly looks: { count: number }
}

export function watchIt(
  repository: TestRepository,
  options: {
    rules?: WatchRules
    stateDir?: string
    hints?: boolean | typeof watchRefs
    mostPipelines?: number
    /** Refs whose pipelines fail to be made. */
    failing?: Set<string>
  } = {},
): Scene {
  const opened = openRepository(repository.gitDir)
  const looks = { count: 0 }
  const git: GitRepository = {
    ...opened,
    refs(damaged) {
      looks.count++
      return opened.refs(damaged)
    },
  }
  const made = testEngine('', {
    repository: git,
    ...(options.stateDir ? { stateDir: options.stateDir } : {}),
  })
  const notices: string[] = []
  const watch = watchProject(
    { id: 9, name: 'group/app', rules: options.rules ?? WATCH_ALL, repository: git },
    {
      store: made.store,
      engine: {
        pushes: {
          ...made.engine.pushes,
          push: (projectId, change, push) =>
            options.failing?.has(change.name)
              ? Promise.reject(new Error('database or disk is full'))
              : made.engine.pushes.push(projectId, change, push),
        },
      },
      clock: systemClock,
      mostPipelines: () => options.mostPipelines ?? 100,
      watchRefs:
        typeof options.hints === 'function' ? options.hints : options.hints === false ? noHints : watchRefs,
      notice: (text) => notices.push(text),
    },
  )
  onTestFinished(async () => {
    await watch.close()
    git.close()
  })
  return { ...made, watch, notices, looks, ...madePipelines(made) }
}

/** As if nothing had been written there for a minute. */
export function backdate({ gitDir }: TestRepository): void {
  const then = Date.now() / 1000 - 60
  for (const path of ['refs/heads', 'refs/tags', 'packed-refs', 'HEAD'])
    if (existsSync(join(gitDir, path))) utimesSync(join(gitDir, path), then, then)
}
