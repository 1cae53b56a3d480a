import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readProjectVariables } from '../../src/cli/project-variables.ts'
import { renderFailure } from '../../src/cli/failure.ts'
import { makeRepository, temporaryFolder, writeFiles, type Files } from '../support/git.ts'
import { makeHome, sluice } from '../support/sluice.ts'

const LOCAL = '.gitlab-ci-local-variables.yml'

/** A home folder and a repository, as far as files of variables go. */
function place(files: { readonly home?: Files; readonly root?: Files; readonly config?: Files }) {
  const [home, root, config] = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  writeFiles(home, files.home ?? {})
  writeFiles(root, files.root ?? {})
  writeFiles(config, files.config ?? {})
  return { root, home, env: { HOME: home, ...(files.config ? { XDG_CONFIG_HOME: config } : {}) } }
}

async function read(named: string | undefined, at: ReturnType<typeof place>) {
  const found = await readProjectVariables(named, at)
  if (!found.ok) throw new Error(renderFailure(found.error))
  const { variables, notices } = found.value
  return { values: Object.fromEntries(variables.map(({ key, value }) => [key, value])), notices }
}

describe('the project variables when no file is named', () => {
  it('are none without any file', async () => {
    expect(await read(undefined, place({}))).toEqual({ values: {}, notices: [] })
  })

  it('are those of ~/.config/sluice/variables.yaml, without a word', async () => {
    const at = place({
      home: { '.config/sluice/variables.yaml': 'A: one\nB: {value: two, raw: true}' },
      root: { [LOCAL]: 'A: theirs' },
    })
    expect(await read(undefined, at)).toEqual({ values: { A: 'one', B: 'two' }, notices: [] })
  })

  it('are those below XDG_CONFIG_HOME', async () => {
    const at = place({
      home: { '.config/sluice/variables.yaml': 'A: home' },
      config: { 'sluice/variables.yaml': 'A: config' },
    })
    expect((await read(undefined, at)).values).toEqual({ A: 'config' })
  })

  it("are gitlab-ci-local's otherwise, with a notice", async () => {
    const at = place({ root: { [LOCAL]: 'A: one\nVERSION: 1.10\nEMPTY:\n' } })
    expect(await read(undefined, at)).toEqual({
      values: { A: 'one', VERSION: '1.1', EMPTY: '' },
      notices: [
        `3 project variables from ${LOCAL}, for want of ${join(at.home, '.config/sluice/variables.yaml')}`,
      ],
    })
  })

  it('name what has values by environment and is left out', async () => {
    const at = place({ root: { [LOCAL]: 'A: one\nKEY:\n  type: file\n  values: {"*": x}\n' } })
    const { values, notices } = await read(undefined, at)
    expect(values).toEqual({ A: 'one' })
    expect(notices).toEqual([
      `1 project variable from ${LOCAL}, for want of ${join(at.home, '.config/sluice/variables.yaml')}; ` +
        'left out: KEY (values by environment: write them into a file for --variables-file)',
    ])
  })

  it('give way to --variables-file', async () => {
    const at = place({
      home: { '.config/sluice/variables.yaml': 'A: own' },
      root: { [LOCAL]: 'B: theirs', 'named.yaml': 'C: named' },
    })
    expect(await read(join(at.root, 'named.yaml'), at)).toEqual({ values: { C: 'named' }, notices: [] })
  })

  it.each([
    ['home', '.config/sluice/variables.yaml', 'A: one\nB-C: two\n', 2, 1],
    ['home', '.config/sluice/variables.yaml', 'A: [1]\n', 1, 4],
    ['root', LOCAL, 'A: one\nB-C: two\n', 2, 1],
    ['root', LOCAL, '- A\n', 1, 1],
  ] as const)('have the place of a mistake: %s %s %j', async (folder, file, text, line, column) => {
    const at = place({ [folder]: { [file]: text } })
    const found = await readProjectVariables(undefined, at)
    expect(found).toMatchObject({
      ok: false,
      error: {
        exitCode: 2,
        problems: [{ location: { file: join(folder === 'home' ? at.home : at.root, file), line, column } }],
      },
    })
  })
})

it('reach run, list, preview and explain', async () => {
  const home = makeHome()
  const ci = 'show:\n  script: echo "key=$KEY"\n  rules: [{if: $KEY == "own"}]\nother: {script: x}\n'
  const { root } = makeRepository({ files: { '.gitlab-ci.yml': ci } })
  writeFiles(root, { [LOCAL]: 'KEY: own\n' })
  const notice = /notice: 1 project variable from \.gitlab-ci-local-variables\.yml, for want of /
  const run = await sluice(home, ['run', 'show'], { cwd: root })
  expect(run.stdout).toContain('key=own')
  expect(run.stderr).toMatch(notice)
  const list = await sluice(home, ['list'], { cwd: root })
  expect(list.stdout).toContain('show')
  expect(list.stderr).toMatch(notice)
  expect((await sluice(home, ['preview'], { cwd: root })).stderr).toMatch(notice)
  expect((await sluice(home, ['explain', 'var', 'KEY'], { cwd: root })).stdout).toContain('own')
  writeFiles(home.folder, { '.config/sluice/variables.yaml': 'KEY: [\n' })
  const wrong = await sluice(home, ['list'], { cwd: root })
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('sluice/variables.yaml:2:1')
})
