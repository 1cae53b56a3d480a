import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { startDaemon, type Daemon } from './daemon.ts'
import { makeManyProjects } from './many-projects.ts'
import { figure, median, noted, percentile, type Figure } from './measure.ts'
import { makeRepository } from './workloads.ts'

const PROJECTS = 200
const COMMITS = 100
const SAVES = 15
const AIM_MS = 200

/** From `git commit`, a push and a save to what follows from them. The floor is git alone: the commit, and one look at the refs. */
export async function watch(sluice: string, folder: string): Promise<Figure[]> {
  const one = await commitTimes(sluice, join(folder, 'one'), 1)
  const many = await commitTimes(sluice, join(folder, 'many'), PROJECTS)
  const push = await pushTimes(sluice, join(folder, 'push'))
  const saves = await saveTimes(sluice, join(folder, 'save'))
  return [
    figure('200 repositories: commit to pipeline, p50', percentile(many.times, 50), 'ms', AIM_MS),
    noted('  p99', percentile(many.times, 99), 'ms'),
    figure('1 repository: commit to pipeline, p50', percentile(one.times, 50), 'ms', AIM_MS),
    noted('  p99', percentile(one.times, 99), 'ms'),
    noted('  floor: git commit and git for-each-ref, p50', median([...one.floors, ...many.floors]), 'ms'),
    figure('push into a bare repository to pipeline, p50', percentile(push.times, 50), 'ms', AIM_MS),
    noted('  p99', percentile(push.times, 99), 'ms'),
    noted('  floor: the same push where nobody watches, p50', median(push.floors), 'ms'),
    noted('sluice watch: save to what it touches, p50', percentile(saves.told, 50), 'ms'),
    noted('sluice watch: save to the job’s first own byte, p50', percentile(saves.ran, 50), 'ms'),
  ]
}

interface Times {
  readonly times: readonly number[]
  readonly floors: readonly number[]
}

async function commitTimes(sluice: string, folder: string, projects: number): Promise<Times> {
  const many = makeManyProjects(folder, projects, 0)
  const unwatched = makeRepository(join(folder, 'unwatched'), 'a: {script: ["true"]}\n')
  const daemon = await startDaemon(sluice, many.config)
  try {
    // The first, the last and one between them; each has its own stream.
    const ids = [...new Set([1, Math.ceil(projects / 2), projects])]
    const streams = new Map(
      await Promise.all(ids.map(async (id) => [id, await pipelinesOf(daemon, id)] as const)),
    )
    const times: number[] = []
    const floors: number[] = []
    for (let round = 0; round < COMMITS; round++) {
      const id = ids[round % ids.length] ?? 1
      const created = streams.get(id)?.next()
      const start = performance.now()
      commit(many.repository(id), round)
      await created
      times.push(performance.now() - start)
      floors.push(floorOf(unwatched, round))
    }
    return { times, floors }
  } finally {
    await daemon.stop()
  }
}

async function pushTimes(sluice: string, folder: string): Promise<Times> {
  const many = makeManyProjects(folder, 1, 0)
  const source = join(folder, 'source')
  cpSync(many.repository(1), source, { recursive: true })
  const [watched, unwatched] = ['watched', 'unwatched'].map((name) => {
    const bare = join(folder, `${name}.git`)
    execFileSync('git', ['clone', '-q', '--bare', source, bare])
    return bare
  })
  if (watched === undefined || unwatched === undefined) throw new Error('no repositories')
  many.save(many.text.replace(many.repository(1), watched))
  const daemon = await startDaemon(sluice, many.config)
  try {
    const pipelines = await pipelinesOf(daemon, 1)
    const times: number[] = []
    const floors: number[] = []
    for (let round = 0; round < COMMITS / 2; round++) {
      commit(source, round)
      const alone = performance.now()
      execFileSync('git', ['push', '-q', unwatched, 'main'], { cwd: source })
      floors.push(performance.now() - alone)
      const created = pipelines.next()
      const start = performance.now()
      execFileSync('git', ['push', '-q', watched, 'main'], { cwd: source })
      await created
      times.push(performance.now() - start)
    }
    return { times, floors }
  } finally {
    await daemon.stop()
  }
}

interface Pipelines {
  /** Resolves when the next pipeline of the project has been made. Must be called before it is. */
  next(): Promise<void>
}

/** The event stream of a project, as a page reads it. */
async function pipelinesOf(daemon: Daemon, id: number): Promise<Pipelines> {
  const response = await fetch(`${daemon.url}/api/v4/projects/${id}/events/stream`, {
    headers: { 'PRIVATE-TOKEN': daemon.token },
  })
  const reader = response.body?.getReader()
  if (!response.ok || !reader) throw new Error(`the stream of project ${id}: ${response.status}`)
  let waiting: (() => void)[] = []
  const decoder = new TextDecoder()
  let text = ''
  void (async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text = `${text}${decoder.decode(value, { stream: true })}`.slice(-4096)
      if (!/^event: pipeline\.created$/m.test(text)) continue
      text = ''
      for (const resolve of waiting) resolve()
      waiting = []
    }
    // The daemon has ended, and the figures are taken.
  })().catch(() => {})
  return { next: () => new Promise((resolve) => waiting.push(resolve)) }
}

function commit(repository: string, round: number): void {
  execFileSync('git', ['commit', '-q', '--allow-empty', '-m', `commit ${round}`], { cwd: repository })
}

function floorOf(repository: string, round: number): number {
  const start = performance.now()
  commit(repository, round)
  execFileSync('git', ['for-each-ref', 'refs/heads', 'refs/tags'], { cwd: repository })
  return performance.now() - start
}

/** From a saved file to the line which says what it touches, and to the output of the job that prints it. */
async function saveTimes(
  sluice: string,
  folder: string,
): Promise<{ readonly told: number[]; readonly ran: number[] }> {
  const repository = makeRepository(
    folder,
    'show: {script: [cat watched.txt]}\nother: {script: [cat other.txt]}\n',
    { 'watched.txt': 'saved-0\n' },
  )
  const child = spawn(process.execPath, [sluice, 'watch', '--state', `${folder}-state`], {
    cwd: repository,
    stdio: 'pipe',
    env: { ...process.env, XDG_CACHE_HOME: `${folder}-cache` },
  })
  try {
    const heard: { readonly wanted: RegExp; readonly found: () => void }[] = []
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (line) => {
        for (const each of heard.filter(({ wanted }) => wanted.test(line))) {
          heard.splice(heard.indexOf(each), 1)
          each.found()
        }
      })
    const next = (wanted: RegExp): Promise<number> =>
      new Promise((resolve) => heard.push({ wanted, found: () => resolve(performance.now()) }))
    await next(/^watching for saves/)
    const told: number[] = []
    const ran: number[] = []
    for (let round = 1; round <= SAVES; round++) {
      const ends = [
        next(/^saved watched\.txt/),
        next(new RegExp(`saved-${round}\\b`)),
        next(/^waiting for saves/),
      ]
      const start = performance.now()
      writeFileSync(join(repository, 'watched.txt'), `saved-${round}\n`)
      const [changed = NaN, printed = NaN] = await Promise.all(ends)
      told.push(changed - start)
      ran.push(printed - start)
      await wait(50)
    }
    return { told, ran }
  } finally {
    child.kill('SIGINT')
    await once(child, 'exit')
  }
}
