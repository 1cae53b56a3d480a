// Loaded into a process by NODE_OPTIONS: writes the 99th percentile of the delay of its event loop, in milliseconds, when it ends.
import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const report = process.env['LOOP_DELAY_REPORT']
if (report && isMainThread) {
  const RESOLUTION_MS = 5
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  // What is measured is the time between two looks.
  process.on('exit', () =>
    writeFileSync(report, String(Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION_MS))),
  )
}
