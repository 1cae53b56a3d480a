import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { hasBubblewrap, sandboxTests } from './support/sandbox.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: hasBubblewrap ? [] : sandboxTests,
    // better-sqlite3 is a native addon: it wants a process, not a thread.
    pool: 'forks',
    globalSetup: [fileURLToPath(new URL('support/missing-programs.ts', import.meta.url))],
    watch: false,
    // For what spawns the built program on a busy machine. Nothing waits for a time-out to pass.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The last lines are the counts of files and tests.
    reporters: ['default'],
  },
})
