import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { build } from 'esbuild'
import { openStore } from '../src/store/store.ts'
import { formRequest, load } from './load.ts'
import { figure, median, noted, percentile, type Figure } from './measure.ts'
import { makeRepository } from './workloads.ts'

const ROUNDS = 3
const REQUESTS = 2000
const CONNECTIONS = 50
const TRIGGER = formRequest('/api/v4/projects/9/trigger/pipeline', { token: 'bench', ref: 'main' })
const ROW = formRequest('/', { token: 'bench', ref: 'main' })

const FIVE_JOBS = `stages: [build, test, deploy]
build: {stage: build, script: [make]}
unit: {stage: test, script: [make test]}
lint: {stage: test, script: [make lint]}
pages: {stage: deploy, script: [make pages], rules: [{if: $CI_COMMIT_BRANCH == "main"}]}
upload: {stage: deploy, script: [make upload], needs: [unit]}
`

/** Accepted triggers a second of a file with five jobs, jobs not executed; against an express route that commits one row. */
export async function api(folder: string): Promise<Figure[]> {
  const rates: number[] = []
  const ceilings: number[] = []
  const times: number[] = []
  const sluice = await startServer('sluice', join(folder, 'rate'))
  const oneRow = await startServer('one-row', join(folder, 'one-row'))
  // In turn, so that a slow minute of the machine hits both. The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const bare = await load(oneRow.port, ROW, { connections: CONNECTIONS, count: REQUESTS })
    const triggers = await load(sluice.port, TRIGGER, { connections: CONNECTIONS, count: REQUESTS })
    if (triggers.statuses['201'] !== REQUESTS) throw new Error(JSON.stringify(triggers.statuses))
    if (round === 0) continue
    ceilings.push((REQUESTS / bare.took) * 1000)
    rates.push((REQUESTS / triggers.took) * 1000)
    times.push(...triggers.times)
  }
  await Promise.all([sluice.end(), oneRow.end()])
  const many = await tenThousand(join(folder, 'many'))
  return [
    noted('bare express route that commits one row', median(ceilings), '/s'),
    noted('accepted triggers, five jobs, 50 connections', median(rates), '/s'),
    figure(
      'accepted triggers, share of that ceiling',
      (100 * median(rates)) / median(ceilings),
      '%',
      50,
      'at least',
    ),
    noted('trigger to 201 of 50 connections, p50', percentile(times, 50), 'ms'),
    noted('trigger to 201 of 50 connections, p99', percentile(times, 99), 'ms'),
    ...many,
  ]
}

/** Nothing lost, nothing doubled, and no more memory than was promised. */
async function tenThousand(folder: string): Promise<Figure[]> {
  const count = 10_000
  const server = await startServer('sluice', folder)
  const ids = new Set<number>()
  const many = await load(server.port, TRIGGER, { connections: 100, count }, (body) => {
    ids.add((JSON.parse(body) as { id: number }).id)
  })
  const bytes = await server.residentBytes()
  await server.end()
  const store = openStore(join(folder, 'state'), { powerSafe: false })
  const kept = store.pipelines.page(
    9,
    {},
    { by: 'id', descending: true },
    { limit: 1, offset: count - 1 },
  ).pipelines
  const more = store.pipelines.page(
    9,
    {},
    { by: 'id', descending: true },
    { limit: 1, offset: count },
  ).pipelines
  store.close()
  return [
    figure(
      '10,000 triggers of 100 connections: answered with 201',
      many.statuses['201'] ?? 0,
      '',
      count,
      'at least',
    ),
    figure('  different pipelines answered', ids.size, '', count, 'at least'),
    figure('  pipelines lost', kept.length === 1 ? 0 : 1, '', 0),
    figure('  pipelines too many', more.length, '', 0),
    figure('  resident memory', bytes / 1024 / 1024, 'MB', 250),
    noted('  trigger to 201, p99', percentile(many.times, 99), 'ms'),
  ]
}

/** Bundled as the program is: a loader in the process would count as its memory. */
async function servers(): Promise<string> {
  const outfile = join(import.meta.dirname, '..', 'node_modules', '.cache', 'sluice-bench', 'api-servers.mjs')
  const entry = join(import.meta.dirname, 'api-servers.ts')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
  return outfile
}

interface BenchServer {
  readonly port: number
  residentBytes(): Promise<number>
  end(): Promise<void>
}

async function startServer(which: 'sluice' | 'one-row', folder: string): Promise<BenchServer> {
  mkdirSync(folder, { recursive: true })
  if (which === 'sluice') makeRepository(join(folder, 'repository'), FIVE_JOBS)
  const profile = process.env['SLUICE_BENCH_PROFILE']
  const flags = profile && which === 'sluice' ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const child: ChildProcess = spawn(process.execPath, [...flags, await servers(), which, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (!child.stdout || !child.stdin) throw new Error('the server has no pipes')
  const { stdin } = child
  const lines = createInterface({ input: child.stdout })
  const port = Number(await nextLine(lines))
  return {
    port,
    async residentBytes() {
      stdin.write('\n')
      return Number(await nextLine(lines))
    },
    async end() {
      stdin.end()
      await once(child, 'exit')
    },
  }
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = (await once(lines, 'line')) as [string]
  return line
}
