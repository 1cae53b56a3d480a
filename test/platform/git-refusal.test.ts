import { chownSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explainRefusal, isForeign, refusalText, whyRefused } from '../../src/platform/git-refusal.ts'
import { makeRepository, temporaryFolder } from '../support/git.ts'

describe("git's words", () => {
  it.each<[string, string, RegExp]>([
    [
      'git 2.39 and reftable',
      'fatal: unknown repository extension found:\n\trefstorage',
      /^its branches and tags are kept as reftable, .* git 2\.45 or newer reads them/,
    ],
    [
      'several extensions',
      'fatal: unknown repository extensions found:\n\trelativeworktrees\n\tother',
      /^it has the extension relativeworktrees, which the git in PATH does not know/,
    ],
    ['a folder that is gone', "fatal: not a git repository: '/nowhere/.git'", /^it is not there$/],
    ['anything else', 'fatal: bad config line 3\nin file config', /^bad config line 3 in file config$/],
  ])('%s', (_title, message, text) => {
    expect(refusalText(explainRefusal(message, '/nowhere/.git'))).toMatch(text)
  })

  it('quotes the path that git names as a shell needs it', () => {
    const message =
      "fatal: detected dubious ownership in repository at '/srv/it's/app'\nTo add an exception for this directory, call:"
    const { help } = explainRefusal(message, "/srv/it's/app")
    expect(help).toMatch(/: git config --global --add safe\.directory '\/srv\/it'\\''s\/app'$/)
  })
})

describe('a repository', () => {
  it('that git reads is not refused', async () => {
    const { root } = makeRepository({ files: { a: '1' } })
    expect(isForeign(root)).toBe(false)
    expect(await whyRefused(root)).toBeUndefined()
  })

  // Only root can give files away.
  it.skipIf(process.getuid?.() !== 0)('of another user is refused, with the names of both', async () => {
    const repository = makeRepository({ files: { a: '1' } })
    const bare = join(temporaryFolder(), 'app.git')
    repository.git('clone', '--quiet', '--bare', repository.root, bare)
    for (const path of [repository.root, bare]) {
      chownSync(path, 54_321, 54_321)
      expect(isForeign(path)).toBe(true)
      const refusal = await whyRefused(path)
      expect(refusal?.reason).toMatch(
        /^it belongs to the user 54321, and Sluice runs as (root|the user 0); git reads repositories of others/,
      )
      expect(refusal?.help).toMatch(/^as (root|the user 0): git config --global --add safe\.directory '/)
      expect(refusal?.help).toContain(`'${path}'`)
    }
  })
})
