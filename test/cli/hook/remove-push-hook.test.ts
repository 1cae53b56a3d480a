import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { CommandContext } from '../../../src/cli/context.ts'
import { installHookCommand } from '../../../src/cli/hook/install-push-hook.ts'
import { PRE_RECEIVE_LINE } from '../../../src/cli/hook/push-hook-text.ts'
import { removeHookCommand } from '../../../src/cli/hook/remove-push-hook.ts'
import { makeRepository, temporaryFolder, type TestRepository } from '../../support/git.ts'

const FLAGS = { pushOptions: true }

function bare(): { readonly bare: string; readonly repository: TestRepository } {
  const repository = makeRepository({ files: { 'a.txt': 'a' } })
  const folder = join(temporaryFolder(), 'app.git')
  repository.git('clone', '--quiet', '--bare', repository.root, folder)
  return { bare: folder, repository }
}

function around(): { readonly context: CommandContext; said: () => string } {
  let said = ''
  const say = (text: string): void => void (said += text)
  const context = { version: '0', packageRoot: '/', entry: '/', env: {}, out: say, err: say }
  return {
    context: { ...context, stdoutIsTerminal: false, elapsed: () => 0, outlive: () => undefined },
    said: () => said,
  }
}

it('takes away all that the installation wrote, and pushes go on without', async () => {
  const { bare: folder, repository } = bare()
  const hooks = join(folder, 'hooks')
  mkdirSync(hooks, { recursive: true })
  const before = readdirSync(hooks).toSorted()
  const config = readFileSync(join(folder, 'config'), 'utf8')
  const { context } = around()
  expect(await installHookCommand(folder, FLAGS, context)).toBe(0)
  repository.git('push', '--quiet', '-o', 'ci.skip', folder, 'HEAD:refs/heads/one')
  expect(existsSync(join(folder, 'sluice', 'push-options'))).toBe(true)
  expect(await removeHookCommand(folder, FLAGS, context)).toBe(0)
  expect(readdirSync(hooks).toSorted()).toEqual(before)
  expect(readdirSync(join(folder, 'sluice'))).toEqual([])
  expect(readFileSync(join(folder, 'config'), 'utf8').replace('[receive]\n', '')).toBe(config)
  repository.git('push', '--quiet', folder, 'HEAD:refs/heads/two')
  // Nothing is left to be taken away.
  expect(await removeHookCommand(folder, FLAGS, context)).toBe(0)
})

it("leaves a hook of somebody else's, and what it reads, until the line is gone", async () => {
  const { bare: folder } = bare()
  const { context, said } = around()
  expect(await installHookCommand(folder, FLAGS, context)).toBe(0)
  const hook = join(folder, 'hooks', 'pre-receive')
  writeFileSync(hook, `#!/bin/sh\n${PRE_RECEIVE_LINE}\n`, { mode: 0o755 })
  expect(await removeHookCommand(folder, FLAGS, context)).toBe(2)
  expect(said()).toContain(
    `${hook} is not Sluice's and stays as it is; delete from it\n    ${PRE_RECEIVE_LINE}`,
  )
  expect(existsSync(join(folder, 'sluice', 'record-push-options'))).toBe(true)
  writeFileSync(hook, '#!/bin/sh\n')
  appendFileSync(hook, 'exit 0\n')
  expect(await removeHookCommand(folder, FLAGS, context)).toBe(0)
  expect(readFileSync(hook, 'utf8')).toBe('#!/bin/sh\nexit 0\n')
  expect(existsSync(join(folder, 'sluice', 'record-push-options'))).toBe(false)
})

it.each([
  [{ pushOptions: false }, '.', 'say which hook: --push-options'],
  [FLAGS, '/nonexistent', '/nonexistent: '],
])('is refused: %j', async (flags, folder, message) => {
  const { context, said } = around()
  expect(await removeHookCommand(folder, flags, context)).toBe(2)
  expect(said()).toContain(message)
})
