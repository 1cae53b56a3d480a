// What /proc says of processes. They come and go while we look, and others' may not be looked at: such entries are passed over.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export function entriesOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Where a link leads; empty when it cannot be known. */
export function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** Empty when it cannot be read. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * proc(5): the fields from the third on; the command's name before them may itself hold spaces and parentheses. None of a process
 * that is gone, or where there is no /proc (macOS).
 */
export function statFields(pid: number): string[] {
  const stat = textOf(`/proc/${pid}/stat`)
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** The inodes of the sockets that a process holds; what else it holds is undefined. */
export function* socketsOf(pid: number | string): Generator<string | undefined> {
  for (const descriptor of entriesOf(`/proc/${pid}/fd`))
    yield SOCKET.exec(linkOf(`/proc/${pid}/fd/${descriptor}`))?.[1]
}

const SOCKET = /^socket:\[(\d+)\]$/
