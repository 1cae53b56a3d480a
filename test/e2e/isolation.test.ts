import { beforeAll, describe, expect, it } from 'vitest'
import { hasBubblewrap } from '../support/sandbox.ts'
import { makeRepository } from '../support/git.ts'
import { makeHome, sluice, type Home } from '../support/sluice.ts'

const repository = (script: string) =>
  makeRepository({ files: { '.gitlab-ci.yml': `job:\n  script:\n    - ${script}\n` } })

describe('sluice run --network', () => {
  let home: Home
  beforeAll(() => {
    home = makeHome()
  })

  it.skipIf(!hasBubblewrap)('none: the job has its own loopback only', async () => {
    const { root } = repository('tail -n +3 /proc/net/dev | cut -d ":" -f 1')
    const { code, stdout } = await sluice(home, ['run', '--network', 'none'], { cwd: root })
    expect(code).toBe(0)
    expect(stdout.match(/^job +> +\S+$/gm)?.map((line) => line.split(/ +/).at(-1))).toEqual(['lo'])
  })

  it('none needs a sandbox: nothing runs without one', async () => {
    const { root } = repository('echo never')
    const { code, stdout, stderr } = await sluice(home, ['run', '--network', 'none', '--executor', 'shell'], {
      cwd: root,
    })
    expect(code).toBe(6)
    expect(stdout).toBe('')
    expect(stderr).toContain('sandbox.network: none needs bubblewrap, and the shell executor was chosen')
  })
})
