import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hasChromium, openPage } from '../support/chromium.ts'
import { makeRepository, temporaryFolder } from '../support/git.ts'
import { makeHome, startSluice } from '../support/sluice.ts'

const CI = `
variables:
  GREETED: {value: world, description: Who is greeted}
unit:
  stage: test
  script: [echo "hello $GREETED"]
ship:
  stage: deploy
  script:
    - printf '\\033[38;2;1;200;3mshipped\\033[0m by %s\\n' "$GREETED"
  rules: [when: manual]
`

it.skipIf(!hasChromium)(
  'a person with a browser starts, watches, plays, schedules and triggers',
  { timeout: 120_000 },
  async () => {
    const folder = temporaryFolder()
    makeRepository({ folder: join(folder, 'app'), files: { '.gitlab-ci.yml': CI } })
    const config = join(folder, 'runner.config.yaml')
    writeFileSync(config, 'projects:\n  - {id: 9, name: group/app, path: app, default_branch: main}\n')
    const daemon = startSluice(makeHome(), [
      'serve',
      '--config',
      config,
      '--state',
      join(folder, 'state'),
      '--listen',
      '127.0.0.1:0',
    ])
    const [link = ''] = await daemon.says(/http:\/\/127\.0\.0\.1:\d+\/login\/[\w-]+/)
    const { origin } = new URL(link)
    const page = await openPage()

    await page.open(link)
    expect(await page.text()).toContain('group/app')
    await page.follow('New pipeline')
    expect(await page.text()).toContain('Who is greeted')
    await page.type('var[GREETED]', 'the <b>browser</b>')
    await page.follow('Run pipeline')
    expect(await page.text()).toContain('The pipeline was made.')
    expect(await page.run('location.search')).toBe('')

    // What follows is seen without loading the page again.
    await page.run('window.stayed = true')
    await page.shows(`document.title.startsWith('waiting for manual action')`)
    expect(await page.run('window.stayed')).toBe(true)
    expect(await page.text()).toContain('The pipeline was made.')
    await page.follow('Run')
    await page.run('window.stayed = true')
    await page.shows(`document.title.startsWith('passed · ship')`)
    expect(await page.run('window.stayed')).toBe(true)
    expect(await page.text()).toContain('shipped by the <b>browser</b>')
    expect(await page.run(`document.querySelector('.log b')`)).toBeNull()
    expect(await page.run(`getComputedStyle(document.querySelector('.fg-01c803')).color`)).toBe(
      'rgb(1, 200, 3)',
    )

    // Keys lead where links do, and never out of a field.
    const loaded = page.loads()
    for (const key of ['g', 's'])
      await page.run(`document.dispatchEvent(new KeyboardEvent('keydown', {key: '${key}', bubbles: true}))`)
    await loaded
    await page.follow('New schedule')
    await page.type('description', 'Every morning')
    await page.type('cron', '0 6 * * *')
    await page.type('cron_timezone', 'Europe/Berlin')
    await page.follow('Save schedule')
    expect(await page.text()).toContain('Schedule "Every morning" was made.')
    await page.follow('Play')
    expect(await page.text()).toMatch(/Started by a schedule, as /)
    await page.open(`${origin}/group/app/-/pipeline_schedules`)
    await page.follow('Delete schedule')
    expect(await page.text()).toContain('Schedule "Every morning" was deleted.')

    await page.follow('Triggers', 'nav.project')
    await page.type('description', 'From elsewhere')
    await page.follow('Create trigger')
    const token: string = await page.run(`document.getElementById('secret').textContent`)
    const answer = await fetch(`${origin}/api/v4/projects/9/trigger/pipeline`, {
      method: 'POST',
      body: new URLSearchParams({ token, ref: 'main' }),
    })
    expect(answer.status).toBe(201)
    await page.follow('Triggers', 'nav.project')
    expect(await page.text()).toContain('1 request')
    await page.follow('Revoke trigger')
    expect(await page.text()).toContain('was revoked.')
    await page.follow('Deliveries', 'nav.project')
    await page.follow('Send again')
    expect(await page.text()).toMatch(/Request #1 was refused: .*revoked/)
    expect(page.errors).toEqual([])

    // Without script a page that moves loads itself again.
    await page.withoutScript()
    const { id } = (await answer.json()) as { id: number }
    await page.open(`${origin}/group/app/-/pipelines/${id}`)
    await page.loads()
    await page.follow('Log out')
    expect(await page.text()).toContain('Open the one-time link')
  },
)
