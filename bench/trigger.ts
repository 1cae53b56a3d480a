import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { figure, percentile, type Figure } from './measure.ts'
import { makeRepository, printMegabytes, twentyJobs } from './workloads.ts'

const REQUESTS = 200

/** From the trigger POST to its 201, alone and beside two jobs that print flat out; and to the first job's first own byte. */
export async function trigger(sluice: string, folder: string): Promise<Figure[]> {
  // A job that waits keeps the queue busy without using the machine, so that only the answer is measured.
  const repository = makeRepository(join(folder, 'twenty'), twentyJobs('echo first-output'))
  const noisy = makeRepository(
    join(folder, 'noisy'),
    ['a', 'b'].map((name) => `${name}:\n  script:\n    - "${printMegabytes(100_000)}"\n`).join(''),
  )
  const config = join(folder, 'runner.config.yaml')
  writeFileSync(
    config,
    `listen: 127.0.0.1:0\nstate: ${join(folder, 'state')}\nbuilds_dir: ${join(folder, 'builds')}\nlog_limit: 200 GiB\nconcurrency: 3\nprojects:
  - {id: 1, name: bench/twenty, path: ${repository}, default_branch: main, triggers: [{description: bench, token: twenty, owner: root}]}
  - {id: 2, name: bench/noisy, path: ${noisy}, default_branch: main, triggers: [{description: bench, token: noisy, owner: root}]}\n`,
  )
  const daemon = spawn('node', [sluice, 'serve', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = await readyUrl(daemon)
    const token = readFileSync(join(folder, 'state', 'access-token'), 'utf8').trim()
    const first = await firstOutputs(url, token, 15)
    const alone = await answerTimes(url, 'twenty', REQUESTS)
    await post(url, 2, 'noisy')
    const beside = await answerTimes(url, 'twenty', REQUESTS)
    return [
      figure('trigger to 201, p50', percentile(alone, 50), 'ms', 10),
      figure('trigger to 201, p99', percentile(alone, 99), 'ms', 50),
      figure('trigger to 201 beside two printing jobs, p50', percentile(beside, 50), 'ms', 10),
      figure('trigger to 201 beside two printing jobs, p99', percentile(beside, 99), 'ms', 50),
      figure('trigger to the first job’s first own byte, p50', percentile(first, 50), 'ms', 100),
    ]
  } finally {
    daemon.kill('SIGKILL')
    await once(daemon, 'exit')
  }
}

async function readyUrl(daemon: ChildProcess): Promise<string> {
  if (!daemon.stdout) throw new Error('the daemon has no output')
  for await (const line of createInterface({ input: daemon.stdout })) {
    const url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
    if (url) {
      daemon.stdout.resume()
      return url
    }
  }
  throw new Error('the daemon ended before it was ready')
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

async function answerTimes(url: string, token: string, count: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await post(url, 1, token)
    times.push(performance.now() - start)
  }
  return times
}

/** Milliseconds from the POST until the job's own first byte stands in its trace, read as a client would. */
async function firstOutputs(url: string, token: string, count: number): Promise<number[]> {
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
