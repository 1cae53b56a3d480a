// Loaded into a daemon with --import, beside --expose-gc: at SIGUSR2 it collects what is garbage and writes down what is left.
import { renameSync, writeFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { isMainThread } from 'node:worker_threads'

const MEGABYTE = 1024 ** 2
const report = process.env['CALM_MEMORY_REPORT']

async function write(path) {
  // What a finalizer lets go of is garbage of the next round.
  for (let round = 0; round < 4; round++) {
    await turn()
    globalThis.gc()
  }
  const { rss, heapUsed } = process.memoryUsage()
  const seen = {
    rss: rss / MEGABYTE,
    heap: heapUsed / MEGABYTE,
    handles: process.getActiveResourcesInfo().length,
  }
  writeFileSync(`${path}.new`, JSON.stringify(seen))
  renameSync(`${path}.new`, path)
}

if (report && isMainThread) process.on('SIGUSR2', () => void write(report))
