import { describe, expect, it } from 'vitest'
import type { CommandContext } from '../../../src/cli/context.ts'
import { scheduleNextCommand, type NextFlags } from '../../../src/cli/schedule/next.ts'

const NOW = Date.UTC(2026, 10, 30, 12)

function next(cron: string, flags: Partial<NextFlags> = {}) {
  const said = { code: 0, out: '', err: '' }
  const context: CommandContext = {
    version: '0',
    packageRoot: '',
    entry: '',
    env: {},
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    stdoutIsTerminal: false,
    elapsed: () => 0,
    outlive: () => undefined,
  }
  said.code = scheduleNextCommand(cron, { timezone: 'UTC', count: 5, json: false, ...flags }, context, NOW)
  return said
}

describe('schedule next', () => {
  it('prints what runs next as JSON', () => {
    expect(next('30 1 * * *', { timezone: 'Europe/Berlin', count: 2, json: true })).toEqual({
      code: 0,
      out: '{"schema":1,"cron":"30 1 * * *","timezone":"Europe/Berlin","next":["2026-12-01T00:30:00.000Z","2026-12-02T00:30:00.000Z"]}\n',
      err: '',
    })
  })

  it('prints the time there, here and until then', () => {
    expect(next('30 1 * * *', { timezone: 'Berlin', count: 1 }).out).toBe(
      'Tue, 01/12/2026, 01:30:00 CET   2026-12-01T00:30:00.000Z   in 12h 30m\n',
    )
    expect(next('0 0 29& 2 1#5', { count: 2, json: true }).out).toContain(
      '"next":["2044-02-29T00:00:00.000Z","2072-02-29T00:00:00.000Z"]',
    )
  })

  it.each([
    ['0 25 * * *', '  0 25 * * *\n    ^ hour 25 is above 23\n'],
    ['  0 4 ? * *', '    0 4 ? * *\n        ^ unexpected "?" in the day of month\n'],
    ['0 4 *\t* 8', '  0 4 *→* 8\n          ^ day of week 8 is above 6\n'],
    ['\n0 25 * * *', '  ␊0 25 * * *\n     ^ hour 25 is above 23\n'],
    ['日本 * * * *', '  日本 * * * *\n  ^ unexpected "日" in the minute\n'],
    ['0 1,日本,x * * *', '  0 1,日本,x * * *\n      ^ unexpected "日" in the hour\n'],
    ['0 4 * 😀 *', '  0 4 * 😀 *\n        ^ unexpected "😀" in the month\n'],
    [
      '0 日 * *',
      '  0 日 * *\n          ^ it has 4 fields instead of 5 (minute, hour, day of month, month, day of week)\n',
    ],
    ['', '  \n  ^ it is empty\n'],
  ])('%j: the caret stands below what is wrong', (cron, pointer) => {
    expect(next(cron)).toEqual({ code: 2, out: '', err: `error: Cron is invalid syntax\n${pointer}` })
  })

  it.each([
    ['berlin', 'did you mean "Berlin"?'],
    ['Mars/Olympus', "an IANA name such as Europe/Berlin, or one of GitLab's form such as Berlin"],
  ])('knows no zone %s', (timezone, help) => {
    expect(next('* * * * *', { timezone })).toEqual({
      code: 2,
      out: '',
      err: `error: Cron timezone is invalid syntax: "${timezone}"\n  ${help}\n`,
    })
  })
})
