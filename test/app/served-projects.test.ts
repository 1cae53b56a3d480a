import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectOpener } from '../../src/app/served-projects.ts'
import { readSettings } from '../../src/settings/read.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { makeRepository, temporaryFolder } from '../support/git.ts'

function settingsOf(file: string): Settings {
  const read = readSettings(file, {})
  if (!read.ok) throw new Error(JSON.stringify(read.error))
  return read.value
}

it('a repository that was open and is away keeps its place, and is waited for', async () => {
  const folder = temporaryFolder()
  const { root, gitDir } = makeRepository({ folder: join(folder, 'app'), files: { a: 'a\n' } })
  const file = join(folder, 'runner.config.yaml')
  writeFileSync(file, 'projects:\n  - {id: 9, name: group/app, path: app}\n')
  const opener = projectOpener(join(folder, 'state'))
  expect((await opener.open(settingsOf(file))).closed).toEqual([])

  renameSync(root, `${root}.away`)
  const away = await opener.open(settingsOf(file))
  expect(away.projects.map(({ project }) => project.repository)).toEqual([gitDir])
  // Who is not named here is not looked for: its refs would never be followed again.
  expect(away.closed).toMatchObject([{ id: 9, kind: 'missing' }])

  renameSync(`${root}.away`, root)
  const back = await opener.open(settingsOf(file))
  expect(back).toMatchObject({ projects: [{ project: { repository: gitDir } }], closed: [] })
})
