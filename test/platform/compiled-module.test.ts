import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/git.ts'

let folder = ''
beforeEach(() => {
  folder = temporaryFolder()
  writeFileSync(
    join(folder, 'lib.cjs'),
    'exports.where = () => __fileUrl; exports.twice = (n) => n * 2; exports.fs = typeof require("node:fs").readFileSync',
  )
})

/** Loads the module in a process of its own, and says what came of it. */
function load(more: NodeJS.ProcessEnv = {}): unknown {
  const source = new URL('../../src/platform/compiled-module.ts', import.meta.url).href
  const script = `
    const { loadCompiled } = await import(${JSON.stringify(source)})
    const lib = loadCompiled(${JSON.stringify(join(folder, 'lib.cjs'))}, process.env)
    console.log(JSON.stringify({ url: lib.where(), twice: lib.twice(21), fs: lib.fs, same: lib === loadCompiled(${JSON.stringify(join(folder, 'lib.cjs'))}, process.env) }))
  `
  const output = execFileSync('node', ['--import', 'tsx', '--input-type=module', '--eval', script], {
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), ...more },
    encoding: 'utf8',
  })
  return JSON.parse(output)
}

function kept(): string[] {
  const [install = ''] = readdirSync(join(folder, 'cache/sluice'))
  return readdirSync(join(folder, 'cache/sluice', install, 'code'))
}

const answer = (): unknown => ({ url: `file://${folder}/lib.cjs`, twice: 42, fs: 'function', same: true })

describe('a file of the bundle', () => {
  it('is the same from its text and from what was kept', () => {
    expect(load()).toEqual(answer())
    expect(kept()).toHaveLength(1)
    expect(load()).toEqual(answer())
  })

  it('is compiled anew when it has changed, and the old code is removed', () => {
    load()
    const before = kept()
    writeFileSync(
      join(folder, 'lib.cjs'),
      `${readFileSync(join(folder, 'lib.cjs'), 'utf8')};exports.twice = (n) => n * 3`,
    )
    expect(load()).toMatchObject({ twice: 63 })
    expect(kept()).toHaveLength(1)
    expect(kept()).not.toEqual(before)
  })

  it('is loaded although what was kept is damaged', () => {
    load()
    const [name = ''] = kept()
    const [install = ''] = readdirSync(join(folder, 'cache/sluice'))
    writeFileSync(join(folder, 'cache/sluice', install, 'code', name), 'not code')
    expect(load()).toEqual(answer())
    expect(load()).toEqual(answer())
  })

  it('is loaded where nothing can be kept', () => {
    writeFileSync(join(folder, 'file'), '')
    chmodSync(join(folder, 'file'), 0o400)
    expect(load({ XDG_CACHE_HOME: join(folder, 'file') })).toEqual(answer())
    expect(existsSync(join(folder, 'cache'))).toBe(false)
  })
})
