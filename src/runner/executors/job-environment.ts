import { realpathSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { isAbsolute } from 'node:path'

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The environment a job's shell begins with. Everything else of it comes out of the script. */
export function cleanEnvironment(places: {
  readonly home: string
  readonly temp: string
  readonly shell: string
}): Record<string, string> {
  const user = userName()
  return {
    HOME: places.home,
    PATH: toolPath(process.env['PATH']),
    USER: user,
    LOGNAME: user,
    SHELL: places.shell,
    LANG: 'C.UTF-8',
    TMPDIR: places.temp,
  }
}

/**
 * The home folder of whoever runs Sluice, without links, as mounts go to true paths. `/` and what is not there are replaced:
 * a mount would cover everything.
 */
export function ownHome(): string {
  try {
    const home = realpathSync(homedir())
    if (isAbsolute(home) && home !== '/') return home
  } catch {
    // a user without a home folder
  }
  return '/home/sluice'
}

/**
 * The caller's search path without what npm and the like put in front of it: those folders belong to the user's own work
 * tree, and a job that finds its tools there would be green here and red everywhere else.
 */
export function toolPath(path: string | undefined): string {
  const folders = (path ?? '')
    .split(':')
    .filter((folder) => isAbsolute(folder) && !PACKAGE_FOLDER.test(folder))
  return folders.length === 0 ? SYSTEM_PATH : [...new Set(folders)].join(':')
}

const PACKAGE_FOLDER = /\/(node_modules|node-gyp-bin|\.venv|venv)(\/|$)/

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'sluice' // a uid without an entry in the user database
  }
}
