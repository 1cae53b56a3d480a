import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDaemon, type Daemon } from './daemon.ts'
import { figure, noted, percentile, type Figure } from './measure.ts'
import { makeRepository, printMegabytes, twentyJobs } from './workloads.ts'

const REQUESTS = 200

/** From the trigger POST to its 201, alone and beside two jobs that print flat out; and to the first job's first own byte. */
export async function trigger(sluice: string, folder: string): Promise<Figure[]> {
  const quiet = await withDaemon(sluice, join(folder, 'quiet'), 1, async (daemon) => ({
    first: await firstOutputs(daemon, 15),
    alone: await answerTimes(daemon, 3, 'waiting', REQUESTS),
  }))
  const noisy = await withDaemon(sluice, join(folder, 'noisy'), 3, async (daemon) => {
    await post(daemon.url, 2, 'noisy')
    return await answerTimes(daemon, 3, 'waiting', REQUESTS)
  })
  const busy = await withDaemon(sluice, join(folder, 'busy'), 2, (daemon) =>
    answerTimes(daemon, 1, 'twenty', REQUESTS),
  )
  return [
    figure('trigger to 201, p50', percentile(quiet.alone, 50), 'ms', 10),
    figure('trigger to 201, p99', percentile(quiet.alone, 99), 'ms', 50),
    figure('trigger to 201 beside two printing jobs, p50', percentile(noisy, 50), 'ms', 10),
    figure('trigger to 201 beside two printing jobs, p99', percentile(noisy, 99), 'ms', 50),
    noted('trigger to 201 beside a backlog of trivial jobs, p50', percentile(busy, 50), 'ms'),
    noted('trigger to 201 beside a backlog of trivial jobs, p99', percentile(busy, 99), 'ms'),
    figure('trigger to the first job’s first own byte, p50', percentile(quiet.first, 50), 'ms', 100),
  ]
}

/** A daemon with three projects: twenty trivial jobs, two that print without end, and twenty whose first one waits. */
async function withDaemon<T>(
  sluice: string,
  folder: string,
  concurrency: number,
  work: (daemon: Daemon) => Promise<T>,
): Promise<T> {
  const twenty = makeRepository(join(folder, 'twenty'), twentyJobs('echo first-output'))
  const printing = ['a', 'b']
    .map((name) => `${name}:\n  script:\n    - "${printMegabytes(100_000)}"\n`)
    .join('')
  const noisy = makeRepository(join(folder, 'printing'), printing)
  // A job that waits holds its place without using the machine, so that nothing but the answer is measured.
  const waiting = makeRepository(join(folder, 'waiting'), twentyJobs('sleep 600'))
  const project = (id: number, name: string, path: string) =>
    `  - {id: ${id}, name: bench/${name}, path: ${path}, default_branch: main, triggers: [{description: bench, token: ${name}, owner: root}]}\n`
  const config = join(folder, 'runner.config.yaml')
  writeFileSync(
    config,
    `listen: 127.0.0.1:0\nstate: state\nbuilds_dir: builds\nlog_limit: 200 GiB\nconcurrency: ${concurrency}\nprojects:\n` +
      project(1, 'twenty', twenty) +
      project(2, 'noisy', noisy) +
      project(3, 'waiting', waiting),
  )
  const daemon = await startDaemon(sluice, config)
  try {
    return await work(daemon)
  } finally {
    // Jobs that print without end would use up their grace.
    await daemon.stop('SIGKILL')
  }
}

interface Created {
  readonly id: number
}

async function post(url: string, project: number, token: string): Promise<Created> {
  const body = new FormData()
  body.set('token', token)
  body.set('ref', 'main')
  const response = await fetch(`${url}/api/v4/projects/${project}/trigger/pipeline`, { method: 'POST', body })
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
  return (await response.json()) as Created
}

async function answerTimes(
  { url }: Daemon,
  project: number,
  token: string,
  count: number,
): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await post(url, project, token)
    times.push(performance.now() - start)
  }
  return times
}

/** Milliseconds from the POST until the job's own first byte stands in its trace, read as a client would. */
async function firstOutputs({ url, token }: Daemon, count: number): Promise<number[]> {
  const times: number[] = []
  const get = async (path: string) =>
    (await fetch(`${url}/api/v4/projects/1/${path}`, { headers: { 'PRIVATE-TOKEN': token } })).text()
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    const { id } = await post(url, 1, 'twenty')
    const jobs = JSON.parse(await get(`pipelines/${id}/jobs?per_page=100`)) as { id: number; name: string }[]
    const job = jobs.find(({ name }) => name === 'build')
    if (!job) throw new Error('the pipeline has no job named build')
    while (!/^first-output$/m.test(await get(`jobs/${job.id}/trace`)));
    times.push(performance.now() - start)
    while (!/"status":"(success|failed)"/.test((await get(`pipelines/${id}`)).slice(0, 400)));
  }
  return times
}
