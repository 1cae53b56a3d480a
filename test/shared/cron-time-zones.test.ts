import { describe, expect, it } from 'vitest'
import { nearTimeZone, resolveTimeZone } from '../../src/shared/cron/time-zones.ts'
import { IANA_TIME_ZONES } from '../../src/shared/cron/iana-time-zones.ts'
import { RAILS_TIME_ZONES } from '../../src/shared/cron/rails-time-zones.ts'

describe('a time zone', () => {
  it.each([
    ['Europe/Berlin', 'Europe/Berlin'],
    ['US/Pacific', 'US/Pacific'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['EST5EDT', 'EST5EDT'],
    ['UTC', 'Etc/UTC'],
    ['Pacific Time (US & Canada)', 'America/Los_Angeles'],
    ['Eastern Time (US & Canada)', 'America/New_York'],
    ['Berlin', 'Europe/Berlin'],
    ["Nuku'alofa", 'Pacific/Tongatapu'],
    ['Singapore', 'Asia/Singapore'],
    ['+05:30', '+05:30'],
    ['-0330', '-03:30'],
  ])('%s is %s', (name, zone) => {
    expect(resolveTimeZone(name)).toBe(zone)
  })

  it.each([
    '',
    ' ',
    'europe/berlin',
    'EUROPE/BERLIN',
    'utc',
    'berlin',
    'Europe/Bern',
    'Invalid-zone',
    'Mars/Phobos',
    'Europe/Berlin ',
    '+12:00',
    '+05:20',
    'toString',
  ])('GitLab knows no %j', (name) => {
    expect(resolveTimeZone(name)).toBeUndefined()
  })

  it.each([...RAILS_TIME_ZONES])('%s, as Rails calls %s, is known', (name, zone) => {
    expect(resolveTimeZone(name)).toBe(zone)
  })

  it('of the IANA database is known to this Node', () => {
    const names = IANA_TIME_ZONES.trim().split(/\s+/)
    expect(names.length).toBe(597)
    expect(names.filter((name) => resolveTimeZone(name) === undefined)).toEqual([])
  })

  it.each([
    ['Berlim', 'Berlin'],
    ['europe/berlin', 'Europe/Berlin'],
    ['Europe/Berln', 'Europe/Berlin'],
    ['tokyo', 'Tokyo'],
    ['utc', 'UTC'],
    ['Kathmandu ', 'Kathmandu'],
    ['Lord_Howe', 'Australia/Lord_Howe'],
    ['New York', 'America/New_York'],
    ['Eastern Time', 'Eastern Time (US & Canada)'],
    ['Mars/Phobos', undefined],
    ['', undefined],
  ])('%j may mean %j', (name, near) => {
    expect(nearTimeZone(name)).toBe(near)
  })
})
